using Modular.Preferences.Domain;

namespace Modular.Preferences.Features;

/// <summary>Who may write a user's settings: refused before anything of the body is looked at.</summary>
internal sealed class SettingsWriting(ICurrentUser current, TimeProvider clock)
{
    /// <summary>The refusal, which the log is told of; null where the caller may.</summary>
    internal Result<T>? FindRefusal<T>(Target user, string resourceType = Target.ResourceType)
    {
        var caller = current.Required;
        var outranked = user.Id != caller.UserId && RoleAssignment.Outranks((current.Target ?? user).Roles, caller.Roles);
        return caller.May(PreferencePermissions.Update, owner: user.Id, id: user.Id) && !outranked
            ? null
            : Result<T>.Refused(
                Error.NotAllowed,
                new WriteRefused(new AuditFacts(AuditAction.Write, resourceType, user.Id, user.Username), clock.GetUtcNow()));
    }
}
