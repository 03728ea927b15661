namespace Modular.Users.People.Domain;

/// <summary>What the log says of writes to users.</summary>
internal static class UserAudit
{
    /// <summary>A change that was made.</summary>
    internal static AuditFacts Changed(string action, User before, User after, int status = StatusCodes.Status200OK) =>
        new(action, "user", after.Id, after.Username, status) { Diff = User.AuditShape.Diff(before, after) };

    /// <summary>A change that was refused, with the status of the refusal.</summary>
    internal static WriteRefused Refused(string action, Guid userId, string username, Error error, DateTimeOffset now) =>
        new(new AuditFacts(action, "user", userId, username, ResultHttp.StatusOf(error.Kind)), now);
}
