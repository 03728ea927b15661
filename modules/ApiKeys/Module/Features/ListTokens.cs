using System.Runtime.CompilerServices;
using Carter;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Text;
using Modular.SharedKernel.Web;

namespace Modular.ApiKeys.Features;

/// <summary>
/// Lists tokens, oldest first, never sessions. Keys that the caller may not read are left out rather than refused. The answer is
/// streamed, as there is no limit: each batch has a connection of its own, given back before the next.
/// </summary>
internal static class ListTokens
{
    private const int BatchSize = 500;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/keys/tokens", (Target target, HttpRequest request, IServiceScopeFactory scopes, CancellationToken ct) =>
                {
                    var everybody = Flag("include_all");
                    var expired = Flag("include_expired");
                    return new JsonStream<ApiKeyWithOwnerAnswer>(TokensAsync(scopes, everybody ? null : target.Id, expired, ct));

                    bool Flag(string name) => GoParse.Bool(Paging.First(request.Query, name)) ?? false;
                })
                .Requires(ApiKeyPermissions.Read)
                .Describe(nameof(ListTokens), "Lists tokens of a user, or of everybody")
                .Reads("include_all", "true: everybody's, as far as the caller may read them.")
                .Reads("include_expired", "true: also those that have expired.")
                .Answers<IReadOnlyList<ApiKeyWithOwnerAnswer>>(StatusCodes.Status200OK).Refuses(404);

        private static async IAsyncEnumerable<ApiKeyWithOwnerAnswer> TokensAsync(
            IServiceScopeFactory scopes, Guid? userId, bool includeExpired, [EnumeratorCancellation] CancellationToken ct)
        {
            ApiKeyAnswer? last = null;
            while (true)
            {
                await using var scope = scopes.CreateAsyncScope();
                var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
                var batch = (await mediator.Send(new Batch(userId, includeExpired, last), ct)).Value;
                foreach (var key in batch)
                {
                    yield return key;
                }

                if (batch.Count < BatchSize)
                {
                    yield break;
                }

                last = batch[^1];
            }
        }
    }

    /// <param name="UserId">Whose tokens; null for everybody's.</param>
    /// <param name="IncludeExpired">Also those that have expired.</param>
    /// <param name="Last">The last one of the batch before.</param>
    internal sealed record Batch(Guid? UserId, bool IncludeExpired, ApiKeyAnswer? Last) : IQuery<IReadOnlyList<ApiKeyWithOwnerAnswer>>;

    internal sealed class Handler(ICurrentUser current, ApiKeysDbContext db, TimeProvider clock)
        : IRequestHandler<Batch, Result<IReadOnlyList<ApiKeyWithOwnerAnswer>>>
    {
        public async Task<Result<IReadOnlyList<ApiKeyWithOwnerAnswer>>> Handle(Batch request, CancellationToken cancellationToken)
        {
            var caller = current.Required;
            var whose = request.UserId ?? (caller.May(ApiKeyPermissions.Read) ? null : caller.UserId);
            if (!caller.May(ApiKeyPermissions.Read, owner: whose))
            {
                return Array.Empty<ApiKeyWithOwnerAnswer>();
            }

            var keys = db.Keys.AsNoTracking().Where(key => key.LoginType == ApiKey.TokenLoginType && (whose == null || key.UserId == whose));
            if (!request.IncludeExpired)
            {
                var now = clock.GetUtcNow();
                keys = keys.Where(key => key.ExpiresAt > now);
            }

            if (request.Last is { } last)
            {
                keys = keys.Where(key => key.CreatedAt > last.CreatedAt
                    || (key.CreatedAt == last.CreatedAt && string.Compare(key.Id, last.Id) > 0));
            }

            var batch = await keys
                .OrderBy(key => key.CreatedAt).ThenBy(key => key.Id)
                .Take(BatchSize)
                .Join(db.Owners, key => key.UserId, owner => owner.UserId, (key, owner) => new { Key = key, owner.Username })
                .OrderBy(pair => pair.Key.CreatedAt).ThenBy(pair => pair.Key.Id)
                .ToListAsync(cancellationToken);
            return batch.ConvertAll(pair => new ApiKeyWithOwnerAnswer(ApiKeyAnswer.Of(pair.Key), pair.Username));
        }
    }
}
