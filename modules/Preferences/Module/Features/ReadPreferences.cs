using Carter;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Preferences.Features;

internal static class ReadPreferences
{
    internal sealed record Query(Guid UserId) : IQuery<PreferencesAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/preferences", async (Target target, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(target.Id), ct))
                        .ToHttp(preferences => EntityTag.Tagged(StatusCodes.Status200OK, preferences, preferences.ETag)))
                .RequiresToSee(PreferencePermissions.Read)
                .Describe(
                    nameof(ReadPreferences),
                    "Reads a user's preferences",
                    "What was never set shows the operator's default, else the server's; what an operator has locked shows the lock.")
                .Answers<PreferencesAnswer>(StatusCodes.Status200OK).Answers(StatusCodes.Status304NotModified).Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, OperatorSettings operators, PreferencesDbContext db)
        : IRequestHandler<Query, Result<PreferencesAnswer>>
    {
        public async Task<Result<PreferencesAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            caller.Required.May(PreferencePermissions.Read, owner: request.UserId, id: request.UserId)
                ? PreferencesAnswer.Of(
                    await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == request.UserId, cancellationToken), operators)
                : Error.ResourceNotFound;
    }
}
