using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Persistence;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.ApiKeys.Tokens;

internal static class ReadTokenConfiguration
{
    internal sealed record Query(Target User) : IQuery<Response>;

    /// <param name="MaxTokenLifetime">Nanoseconds.</param>
    [AnswerExample("""{"max_token_lifetime":604800000000000}""")]
    internal sealed record Response(long MaxTokenLifetime);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/keys/tokens/tokenconfig", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(target), ct))
                .RequiresAnyKey()
                .Describe(
                    nameof(ReadTokenConfiguration),
                    "Tells how long a token of the user can live at most",
                    "In nanoseconds. It depends on whether the user is an owner.")
                .Answers<Response>().Refuses(404);
    }

    internal sealed class Handler(TokenSettings settings, ApiKeysDbContext db) : IRequestHandler<Query, Result<Response>>
    {
        public async Task<Result<Response>> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Owners.AsNoTracking().SingleOrDefaultAsync(owner => owner.UserId == request.User.Id && !owner.Deleted, cancellationToken) is { } owner
                ? new Response(settings.LongestFor(owner.Roles).Ticks * TimeSpan.NanosecondsPerTick)
                : Error.ResourceNotFound;
    }
}
