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
            app.MapGet($"/api/v2/users/{{user}}/{group.Name}", (Target target, IMediator mediator, CancellationToken ct) =>
                    mediator.AnswerAsync(new Query(group, target.Id), shown => EntityTag.Tagged(answer(shown), shown.ETag), ct))
                .RequiresToSee(PreferencePermissions.Read)
                .Answers<TAnswer>(example: ShownSettings.Example(group)).AnswersNotModified().Refuses(404);
    }

    internal sealed class Handler(OperatorSettings operators, PreferencesDbContext db) : IRequestHandler<Query, Result<ShownSettings>>
    {
        public async Task<Result<ShownSettings>> Handle(Query request, CancellationToken cancellationToken) =>
            ShownSettings.Of(
                request.Group,
                await db.Stored(request.Group).AsNoTracking().SingleOrDefaultAsync(stored => stored.UserId == request.UserId, cancellationToken),
                operators);
    }
}
