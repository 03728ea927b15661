using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;

namespace Modular.Preferences.Features;

internal static class ReadSettings
{
    internal sealed record Query(SettingsGroup Group, Guid UserId) : IQuery<ShownSettings>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            Map(app, UserSettings.Appearance, shown => new AppearanceAnswer(shown)).Describe(
                "ReadAppearance",
                "Reads a user's appearance settings",
                "What was never set shows the operator's default, else the empty text; what an operator has locked shows the lock.");
            Map(app, UserSettings.Preferences, shown => new PreferencesAnswer(shown)).Describe(
                "ReadPreferences",
                "Reads a user's preferences",
                "What was never set shows the operator's default, else the server's; what an operator has locked shows the lock.");
        }

        private static RouteHandlerBuilder Map<TAnswer>(IEndpointRouteBuilder app, SettingsGroup group, Func<ShownSettings, TAnswer> answer) =>
            app.MapGet($"/api/v2/users/{{user}}/{group.Name}", async (Target target, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(group, target.Id), ct))
                        .ToHttp(shown => EntityTag.Tagged(StatusCodes.Status200OK, answer(shown), shown.ETag)))
                .RequiresToSee(PreferencePermissions.Read)
                .Answers<TAnswer>(StatusCodes.Status200OK, ShownSettings.Example(group)).Answers(StatusCodes.Status304NotModified).Refuses(404);
    }

    internal sealed class Handler(ICurrentUser caller, OperatorSettings operators, PreferencesDbContext db) : IRequestHandler<Query, Result<ShownSettings>>
    {
        public async Task<Result<ShownSettings>> Handle(Query request, CancellationToken cancellationToken) =>
            caller.Required.May(PreferencePermissions.Read, owner: request.UserId, id: request.UserId)
                ? ShownSettings.Of(
                    request.Group,
                    await db.Stored(request.Group).AsNoTracking().SingleOrDefaultAsync(stored => stored.UserId == request.UserId, cancellationToken),
                    operators)
                : Error.ResourceNotFound;
    }
}
