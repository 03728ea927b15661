using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;

namespace Modular.Preferences.Features;

internal static class ChangeSettings
{
    /// <summary>Who may not change the settings is refused before the body is looked at, so the body comes as it was found.</summary>
    internal sealed record Command(SettingsGroup Group, Target User, Result<SentSettings> Body, IfMatch IfMatch) : ICommand<ShownSettings>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            Map<ChangeAppearanceInput, AppearanceAnswer>(app, UserSettings.Appearance, shown => new AppearanceAnswer(shown))
                .Describe(
                    "ChangeAppearance",
                    "Changes a user's appearance settings",
                    "The preference is always sent. Without a mode it is an older client's request, which leaves mode and slots as they are; an absent "
                        + "font stays too. What an operator has locked stays, and sending something else for it is a conflict. With If-Match, only if "
                        + "the settings are still those that were read.")
                .Example("""{"theme_preference":"dark","terminal_font":"ibm-plex-mono"}""");
            Map<ChangePreferencesInput, PreferencesAnswer>(app, UserSettings.Preferences, shown => new PreferencesAnswer(shown))
                .Describe(
                    "ChangePreferences",
                    "Changes a user's preferences",
                    "What is left out, null or empty stays as it is. What an operator has locked stays, and sending something else for it is a "
                        + "conflict. With If-Match, only if the settings are still those that were read.")
                .Example("""{"thinking_display_mode":"preview","agent_chat_send_shortcut":"modifier_enter"}""");
        }

        private static RouteHandlerBuilder Map<TInput, TAnswer>(IEndpointRouteBuilder app, SettingsGroup group, Func<ShownSettings, TAnswer> answer)
            where TInput : SentSettings, new() =>
            app.MapPut($"/api/v2/users/{{user}}/{group.Name}", async (
                    Target target, Body<TInput> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                {
                    var read = await body.ReadAsync(ct);
                    var sent = read.Error is { } error ? error : (Result<SentSettings>)read.Value;
                    return await mediator.AnswerAsync(
                        new Command(group, target, sent, ifMatch), shown => EntityTag.Tagged(answer(shown), shown.ETag), ct);
                })
                .HandlerRequires(PreferencePermissions.Update)
                .Answers<TAnswer>(example: ShownSettings.Example(group)).Refuses(403, 404, 409, 412);
    }

    internal sealed class Handler(SettingsWriting writing, OperatorSettings operators, PreferencesDbContext db)
        : IRequestHandler<Command, Result<ShownSettings>>
    {
        public async Task<Result<ShownSettings>> Handle(Command request, CancellationToken cancellationToken)
        {
            var (group, user) = (request.Group, request.User);
            if (writing.FindRefusal<ShownSettings>(user) is { } refused)
            {
                return refused;
            }

            if ((request.Body.Error ?? group.FindError(request.Body.Value)) is { } error)
            {
                return error;
            }

            if (!await db.LockOwnerAsync(user.Id, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            var stored = await db.Stored(group).SingleOrDefaultAsync(settings => settings.UserId == user.Id, cancellationToken);
            if (request.IfMatch.Excludes(ShownSettings.Of(group, stored, operators).ETag))
            {
                return IfMatch.Stale;
            }

            var sent = request.Body.Value;
            if (operators.FindError(group, sent) is { } locked)
            {
                return locked;
            }

            if (stored is null)
            {
                stored = new StoredSettings(user.Id);
                db.Stored(group).Add(stored);
            }

            stored.Change(group, sent, field => operators.LockOf(field) is not null);
            await db.SaveChangesAsync(cancellationToken);
            return ShownSettings.Of(group, stored, operators);
        }
    }
}
