using Modular.Users.Persistence;

namespace Modular.Users.Dormancy;

/// <summary>
/// Makes users dormant who have not been seen for long; some in each transaction, in the order of their ids. Their keys stay, and wake
/// them up.
/// </summary>
internal static class MarkDormantUsers
{
    /// <param name="After">The last id of the batch before.</param>
    internal sealed record Command(Guid After) : ICommand<Response>;

    /// <param name="Last">Where to go on; null where there are none left, or another server is at it.</param>
    internal sealed record Response(Guid? Last);

    internal sealed class Handler(DormancySettings settings, UsersDbContext db, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<Response>>
    {
        private const int BatchSize = 100;

        public async Task<Result<Response>> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!await db.TryLockDormancyAsync(cancellationToken))
            {
                return new Response(Last: null);
            }

            var now = clock.GetUtcNow();
            var users = await db.LockUnseenUsersAsync(request.After, now - settings.After, BatchSize, cancellationToken);
            await DormantUsers.BeginAsync(users, db, events, now, cancellationToken);
            return new Response(users.Count == 0 ? null : users.Max(user => user.Id));
        }
    }
}
