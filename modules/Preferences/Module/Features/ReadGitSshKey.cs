using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Preferences.Features;

internal static class ReadGitSshKey
{
    internal sealed record Query(Guid UserId) : IQuery<Found>;

    /// <param name="Key">Null where none has been made yet.</param>
    internal sealed record Found(GitSshKeyAnswer? Key);

    /// <summary>For a user from before there were keys, or from a file.</summary>
    internal sealed record MakeFirst(Guid UserId) : ICommand<GitSshKeyAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/gitsshkey", async (Target target, IMediator mediator, CancellationToken ct) =>
                {
                    var found = await mediator.Send(new Query(target.Id), ct);
                    return found.Value.Key is { } key ? Json(key) : await mediator.AnswerAsync(new MakeFirst(target.Id), ct);
                })
                .RequiresToSee(PreferencePermissions.Read)
                .Describe(
                    nameof(ReadGitSshKey),
                    "Reads the public half of a user's Git SSH key",
                    "One line in the form of an authorized_keys file, ready for a Git host. Every user has a key; the private half is never told.")
                .Answers<GitSshKeyAnswer>().Refuses(404);
    }

    internal sealed class Handler(PreferencesDbContext db) : IRequestHandler<Query, Result<Found>>
    {
        public async Task<Result<Found>> Handle(Query request, CancellationToken cancellationToken)
        {
            var key = await db.GitSshKeys.AsNoTracking().SingleOrDefaultAsync(k => k.UserId == request.UserId, cancellationToken);
            return new Found(key is null ? null : GitSshKeyAnswer.Of(key));
        }
    }

    internal sealed class Preparation(SshKeyMaking making) : IPreparation<MakeFirst, SealedSshKeyPair>
    {
        public async Task<Result<SealedSshKeyPair?>> PrepareAsync(MakeFirst command, CancellationToken ct) => await making.MakeAsync(ct);
    }

    internal sealed class Maker(PreferencesDbContext db, Prepared prepared, TimeProvider clock) : IRequestHandler<MakeFirst, Result<GitSshKeyAnswer>>
    {
        public async Task<Result<GitSshKeyAnswer>> Handle(MakeFirst request, CancellationToken cancellationToken)
        {
            if (!await db.LockOwnerAsync(request.UserId, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            // Of two who ask first, the second one finds what the first one's request made.
            var key = await db.GitSshKeys.SingleOrDefaultAsync(k => k.UserId == request.UserId, cancellationToken);
            if (key is null)
            {
                key = new GitSshKey(request.UserId, prepared.Get<SealedSshKeyPair>(), clock.GetUtcNow());
                db.GitSshKeys.Add(key);
                await db.SaveChangesAsync(cancellationToken);
            }

            return GitSshKeyAnswer.Of(key);
        }
    }
}
