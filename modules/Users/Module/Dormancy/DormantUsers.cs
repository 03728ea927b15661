using Modular.Users.Contracts;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Dormancy;

/// <summary>Users who have not been seen for long are dormant until they are.</summary>
internal static class DormantUsers
{
    private static readonly Dictionary<string, object> automatic = new()
    {
        ["automatic_actor"] = "coder",
        ["automatic_subsystem"] = "dormancy",
    };

    /// <summary>The user, whose row is locked, was seen: active again, recorded as the system's doing in the user's name.</summary>
    internal static async Task EndAsync(User user, UsersDbContext db, IIntegrationEvents events, DateTimeOffset now, CancellationToken ct)
    {
        var before = db.Unchanged(user);
        user.WakeUp(now);
        await db.SaveChangesAsync(ct);
        await events.PublishAsync(Changed(before, user, user.Id, now), ct);
    }

    /// <summary>The users, whose rows are locked, have not been seen for long. The entry has no actor.</summary>
    internal static async Task BeginAsync(
        IReadOnlyList<User> users, UsersDbContext db, IIntegrationEvents events, DateTimeOffset now, CancellationToken ct)
    {
        var before = users.ToDictionary(user => user.Id, db.Unchanged);
        foreach (var user in users)
        {
            user.SetStatus(AccountStatus.Dormant, now);
        }

        await db.SaveChangesAsync(ct);
        foreach (var user in users)
        {
            await events.PublishAsync(Changed(before[user.Id], user, actor: null, now), ct);
        }
    }

    private static UserStatusChanged Changed(User before, User user, Guid? actor, DateTimeOffset now) => new(
        user.Id,
        user.Username,
        user.Status,
        new AuditFacts(AuditAction.Write, User.ResourceType, user.Id, user.Username)
        {
            StatusCode = StatusCodes.Status200OK,
            Actor = actor,
            Diff = User.AuditShape.Diff(before, user),
            AdditionalFields = automatic,
        },
        now)
    {
        IsAutomatic = true,
    };
}
