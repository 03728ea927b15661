namespace Modular.Users.People.Domain;

/// <summary>What the log says of writes to users.</summary>
internal static class UserAudit
{
    /// <summary>A change that was made.</summary>
    internal static AuditFacts Changed(string action, User before, User after) =>
        new(action, User.ResourceType, after.Id, after.Username) { Diff = User.AuditShape.Diff(before, after) };

    /// <summary>A change that was refused.</summary>
    internal static WriteRefused Refused(string action, Guid userId, string username, DateTimeOffset now) =>
        new(new AuditFacts(action, User.ResourceType, userId, username), now);
}
