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

internal static class ReadAppearance
{
    internal sealed record Query(Guid UserId) : IQuery<AppearanceAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/appearance", async (Target target, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(target.Id), ct)).ToHttp(appearance => EntityTag.Tagged(StatusCodes.Status200OK, appearance, appearance.ETag)))
                .RequiresToSee(PreferencePermissions.Read)
                .Describe(
                    nameof(ReadAppearance),
                    "Reads a user's appearance settings",
                    "What was never set shows the operator's default, else the empty text; what an operator has locked shows the lock.")
                .Answers<AppearanceAnswer>(StatusCodes.Status200OK).Answers(StatusCodes.Status304NotModified).Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, OperatorSettings operators, PreferencesDbContext db) : IRequestHandler<Query, Result<AppearanceAnswer>>
    {
        public async Task<Result<AppearanceAnswer>> Handle(Query request, CancellationToken cancellationToken) =>
            caller.Required.May(PreferencePermissions.Read, owner: request.UserId, id: request.UserId)
                ? AppearanceAnswer.Of(
                    await db.Appearances.AsNoTracking().SingleOrDefaultAsync(a => a.UserId == request.UserId, cancellationToken), operators)
                : Error.ResourceNotFound;
    }
}
