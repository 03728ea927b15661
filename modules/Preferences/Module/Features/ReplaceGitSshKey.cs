using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Preferences.Features;

internal static class ReplaceGitSshKey
{

    /// <summary>A pair can take seconds to make.</summary>
    private static readonly RateLimit limit = new("SshKeys", 10, TimeSpan.FromHours(1), AcrossRoutes: true);

    internal sealed record Command(Target User) : ICommand<GitSshKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/gitsshkey", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Command(target), ct))
                .HandlerRequires(PreferencePermissions.Update)
                .LimitedBy(limit)
                .Describe(
                    nameof(ReplaceGitSshKey),
                    "Replaces a user's Git SSH key by a new one",
                    "Both halves are new at once; the former key is gone. Tell the Git hosts the public key that is answered.")
                .Answers<GitSshKeyAnswer>().Refuses(403, 404);
    }

    internal sealed class Preparation(SettingsWriting writing, SshKeyMaking making) : IPreparation<Command, SealedSshKeyPair>
    {
        public async Task<Result<SealedSshKeyPair?>> PrepareAsync(Command command, CancellationToken ct) =>
            writing.FindRefusal<GitSshKeyAnswer>(command.User) is null ? await making.MakeAsync(ct) : Result<SealedSshKeyPair?>.None;
    }

    internal sealed class Handler(SettingsWriting writing, PreferencesDbContext db, Prepared prepared, IIntegrationEvents events, TimeProvider clock)
        : IRequestHandler<Command, Result<GitSshKeyAnswer>>
    {
        public async Task<Result<GitSshKeyAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (writing.FindRefusal<GitSshKeyAnswer>(user, GitSshKey.ResourceType) is { } refused)
            {
                return refused;
            }

            if (!await db.LockOwnerAsync(user.Id, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            var now = clock.GetUtcNow();
            var key = await db.GitSshKeys.SingleOrDefaultAsync(k => k.UserId == user.Id, cancellationToken);
            var before = key is null ? null : db.Unchanged(key);
            if (key is null)
            {
                key = new GitSshKey(user.Id, prepared.Get<SealedSshKeyPair>(), now);
                db.GitSshKeys.Add(key);
            }
            else
            {
                key.Replace(prepared.Get<SealedSshKeyPair>(), now);
            }

            await db.SaveChangesAsync(cancellationToken);
            await events.PublishAsync(
                new GitSshKeyReplaced(
                    new AuditFacts(AuditAction.Write, GitSshKey.ResourceType, user.Id, key.PublicKey)
                    {
                        Diff = GitSshKey.AuditShape.Diff(before, key),
                    },
                    now),
                cancellationToken);
            return GitSshKeyAnswer.Of(key);
        }
    }

    internal sealed record GitSshKeyReplaced(AuditFacts Audit, DateTimeOffset OccurredAt) : IntegrationEvent(OccurredAt), IAudited;
}
