using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Keys;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Text;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Tokens;

/// <summary>
/// Lists tokens, oldest first, never sessions. Keys that the caller may not read are left out rather than refused. The answer is
/// streamed, as there is no limit: each batch has a connection of its own, given back before the next.
/// </summary>
internal static class ListTokens
{
    /// <summary>A token may have an allow list of 10 KB, and a batch is held until the client has read it.</summary>
    private const int BatchSize = 50;

    /// <summary>So that no sum with the present is beyond the calendar.</summary>
    private static readonly TimeSpan longestWithin = TimeSpan.FromDays(365 * 1_000);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/keys/tokens", async (
                    Target target, HttpRequest request, IServiceScopeFactory scopes, IMediator mediator, CancellationToken ct) =>
                {
                    var problems = new List<Validation>();
                    var afterId = Paging.First(request.Query, "after_id");
                    if (afterId.Length > 0 && (afterId.Length != KeySecret.IdLength || !afterId.All(char.IsAsciiLetterOrDigit)))
                    {
                        problems.Add(new Validation("after_id", "Give the id of the last token you have."));
                    }

                    var limit = Paging.Count(request.Query, "limit", problems);
                    var within = Within(request, problems);
                    var first = new Batch(
                        Flag("include_all") ? null : target.Id,
                        new Selection(Flag("include_expired"), Flag("include_revoked"), within),
                        afterId,
                        Last: null,
                        limit > 0 ? limit : int.MaxValue);
                    if (problems.Count > 0)
                    {
                        return Refusal(Error.InvalidFields(problems));
                    }

                    // Headers go before a body that is streamed, so the end of the page is looked up.
                    if (limit > 0 && (await mediator.Send(new PageEnd(first), ct)).Value is { Length: > 0 } last)
                    {
                        Paging.TellNext(request.HttpContext, last);
                    }

                    return new JsonStream<IAsyncEnumerable<ApiKeyWithOwnerAnswer>>(TokensAsync(scopes, first, ct));

                    bool Flag(string name) => GoParse.Bool(Paging.First(request.Query, name)) ?? false;
                })
                .HandlerRequires(WithoutPermission.Less, ApiKeyPermissions.Read)
                .Describe(
                    nameof(ListTokens),
                    "Lists tokens of a user, or of everybody",
                    "Sessions are not listed. The whole list is streamed unless limit asks for a page.")
                .Reads("include_all", "true: everybody's, as far as the caller may read them.")
                .Reads("include_expired", "true: also those that have expired.")
                .Reads("include_revoked", "true: also those that were deleted lately. With it or include_expired each token tells its state.")
                .Reads("expiring_within", "A duration such as 168h or 7d: only those that end within it and have not ended yet.")
                .Reads("after_id", "The id of the last token of the page before.")
                .Reads("limit", "Tokens at most; absent or 0 for all.")
                .Answers<IReadOnlyList<ApiKeyWithOwnerAnswer>>().Refuses(400, 404);

        private static TimeSpan? Within(HttpRequest request, List<Validation> problems)
        {
            var text = Paging.First(request.Query, "expiring_within");
            if (text.Length == 0)
            {
                return null;
            }

            if (Duration.TryParse(text, out var within) && within > TimeSpan.Zero && within < longestWithin)
            {
                return within;
            }

            problems.Add(new Validation("expiring_within", "Give a duration such as 168h or 7d."));
            return null;
        }

        private static IAsyncEnumerable<ApiKeyWithOwnerAnswer> TokensAsync(IServiceScopeFactory scopes, Batch first, CancellationToken ct)
        {
            Batch? asked = null;
            return Batches.FollowAsync<ApiKeyWithOwnerAnswer>(scopes, [], Next, ct);

            Batch? Next(IReadOnlyList<ApiKeyWithOwnerAnswer> batch)
            {
                asked = asked is null ? first
                    : batch.Count < BatchSize || batch.Count == asked.Limit ? null
                    : asked with { Last = batch[^1], Limit = asked.Limit - batch.Count };
                return asked;
            }
        }
    }

    /// <param name="Expired">Also those that have expired.</param>
    /// <param name="Revoked">Also those that were deleted.</param>
    /// <param name="EndingWithin">Only those that end within this time.</param>
    internal sealed record Selection(bool Expired, bool Revoked, TimeSpan? EndingWithin)
    {
        internal bool TellsStates => Expired || Revoked;
    }

    /// <param name="UserId">Whose tokens; null for everybody's.</param>
    /// <param name="Which">Of them.</param>
    /// <param name="AfterId">The client's cursor: tokens behind this one; empty for all.</param>
    /// <param name="Last">The last one of the batch before. Not its id alone: it may be deleted while the list is written.</param>
    /// <param name="Limit">Tokens at most, in this batch and those to come.</param>
    internal sealed record Batch(Guid? UserId, Selection Which, string AfterId, ApiKeyAnswer? Last, int Limit)
        : IQuery<IReadOnlyList<ApiKeyWithOwnerAnswer>>;

    /// <summary>The id of the page's last token where there are more behind it; empty where there are none.</summary>
    internal sealed record PageEnd(Batch Page) : IQuery<string>;

    internal sealed class PageEndHandler(ICurrentUser current, ApiKeysDbContext db, TimeProvider clock) : IRequestHandler<PageEnd, Result<string>>
    {
        public async Task<Result<string>> Handle(PageEnd request, CancellationToken cancellationToken)
        {
            var around = await (await MatchingAsync(db, current.Required, request.Page, clock.GetUtcNow(), cancellationToken))
                .OrderBy(key => key.CreatedAt).ThenBy(key => key.Id)
                .Skip(request.Page.Limit - 1)
                .Select(key => key.Id)
                .Take(2)
                .ToListAsync(cancellationToken);
            return around.Count == 2 ? around[0] : "";
        }
    }

    internal sealed class Handler(ICurrentUser current, ApiKeysDbContext db, TimeProvider clock)
        : IRequestHandler<Batch, Result<IReadOnlyList<ApiKeyWithOwnerAnswer>>>
    {
        public async Task<Result<IReadOnlyList<ApiKeyWithOwnerAnswer>>> Handle(Batch request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var keys = await MatchingAsync(db, current.Required, request, now, cancellationToken);
            var batch = await keys
                .OrderBy(key => key.CreatedAt).ThenBy(key => key.Id)
                .Take(Math.Min(BatchSize, request.Limit))
                .Join(db.Owners, key => key.UserId, owner => owner.UserId, (key, owner) => new { Key = key, owner.Username })
                .OrderBy(pair => pair.Key.CreatedAt).ThenBy(pair => pair.Key.Id)
                .ToListAsync(cancellationToken);
            return batch.ConvertAll(pair => new ApiKeyWithOwnerAnswer(
                ApiKeyAnswer.Of(pair.Key),
                current.Required.May(ApiKeyPermissions.ReadUser, owner: pair.Key.UserId, id: pair.Key.UserId) ? pair.Username : "",
                request.Which.TellsStates ? pair.Key.StateAt(now) : null));
        }
    }

    /// <summary>The tokens that are asked for, as far as the caller may read them, behind the cursor.</summary>
    private static async Task<IQueryable<ApiKey>> MatchingAsync(
        ApiKeysDbContext db, Caller caller, Batch request, DateTimeOffset now, CancellationToken ct)
    {
        var whose = request.UserId ?? (caller.May(ApiKeyPermissions.Read) ? null : caller.UserId);
        if (!caller.May(ApiKeyPermissions.Read, owner: whose))
        {
            return db.Keys.Where(key => false);
        }

        var which = request.Which;
        var readable = (which.Revoked ? db.Keys.IgnoreQueryFilters() : db.Keys)
            .AsNoTracking()
            .Where(key => key.LoginType == ApiKey.TokenLoginType && (whose == null || key.UserId == whose));
        if (which.Revoked)
        {
            readable = readable.Where(key => !db.Owners.Any(owner => owner.UserId == key.UserId && owner.Deleted)); // Their keys are in no list.
        }

        var keys = readable;
        if (which.EndingWithin is { } within)
        {
            var end = now + within;
            keys = keys.Where(key => key.ExpiresAt > now && key.ExpiresAt <= end);
        }
        else if (!which.Expired)
        {
            keys = keys.Where(key => key.ExpiresAt > now || key.RevokedAt != null);
        }

        if (request.AfterId.Length > 0 || request.Last is not null)
        {
            var last = request.Last is { } sent
                ? new { sent.CreatedAt, sent.Id }
                : await readable
                    .Where(key => key.Id == request.AfterId)
                    .Select(key => new { key.CreatedAt, key.Id })
                    .SingleOrDefaultAsync(ct);
            keys = last is null
                ? keys.Where(key => false) // Behind a token that is not there, or not to be seen, is nothing.
                : keys.Where(key => key.CreatedAt > last.CreatedAt
                    || (key.CreatedAt == last.CreatedAt && key.Id.CompareTo(last.Id) > 0));
        }

        return keys;
    }
}
