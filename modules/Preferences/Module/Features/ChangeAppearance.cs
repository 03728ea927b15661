using System.ComponentModel.DataAnnotations;
using Carter;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modular.Preferences.Domain;
using Modular.Preferences.Persistence;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Preferences.Features;

internal static class ChangeAppearance
{
    internal sealed record Input
    {
        [Required]
        public string? ThemePreference { get; init; }

        public string? ThemeMode { get; init; }

        public string? ThemeLight { get; init; }

        public string? ThemeDark { get; init; }

        /// <summary>Absent keeps the font; null and the empty text are refused, so the two must be told apart.</summary>
        public Sent<string> TerminalFont { get; init; }
    }

    /// <summary>Who may not change the settings is refused before the body is looked at, so the body comes as it was found.</summary>
    internal sealed record Command(Target User, Result<Input> Body, IfMatch IfMatch) : ICommand<AppearanceAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/appearance", async (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(target, await body.ReadAsync(ct), ifMatch), ct))
                        .ToHttp(appearance => EntityTag.Tagged(StatusCodes.Status200OK, appearance, appearance.ETag)))
                .Requires(PreferencePermissions.Update)
                .Describe(
                    nameof(ChangeAppearance),
                    "Changes a user's appearance settings",
                    "The preference is always sent. Without a mode it is an older client's request, which leaves mode and slots as they are; an absent "
                        + "font stays too. What an operator has locked stays, and sending something else for it is a conflict. With If-Match, only if "
                        + "the settings are still those that were read.")
                .Example("""{"theme_preference":"dark","terminal_font":"ibm-plex-mono"}""")
                .Answers<AppearanceAnswer>(StatusCodes.Status200OK).Refuses(403, 404, 409, 412);
    }

    internal sealed class Validator : AbstractValidator<Input>
    {
        public Validator()
        {
            RuleFor(i => i.ThemePreference).IsRequired();
            RuleFor(i => i.ThemePreference).Obeys(SettingField.ThemePreference.Problem);
            RuleFor(i => i.ThemeMode).Obeys(SettingField.ThemeMode.Problem);
            RuleFor(i => i.ThemeLight).IsRequired().When(i => i.ThemeMode == Appearance.Sync);
            RuleFor(i => i.ThemeLight).Obeys(SettingField.ThemeLight.Problem);
            RuleFor(i => i.ThemeDark).IsRequired().When(i => i.ThemeMode == Appearance.Sync);
            RuleFor(i => i.ThemeDark).Obeys(SettingField.ThemeDark.Problem);
            RuleFor(i => i.TerminalFont.Value).IsRequired(nameof(Input.TerminalFont)).When(i => i.TerminalFont.WasSent);
        }
    }

    internal sealed class Handler(
        SettingsWriting writing, IValidator<Input> validator, OperatorSettings operators, PreferencesDbContext db)
        : IRequestHandler<Command, Result<AppearanceAnswer>>
    {
        public async Task<Result<AppearanceAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (writing.Refuse<AppearanceAnswer>(user) is { } refused)
            {
                return refused;
            }

            if ((request.Body.Error ?? Broken(request.Body.Value)) is { } error)
            {
                return error;
            }

            if (!await db.LockOwnerAsync(user.Id, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            var appearance = await db.Appearances.SingleOrDefaultAsync(a => a.UserId == user.Id, cancellationToken);
            if (request.IfMatch.Excludes(AppearanceAnswer.Of(appearance, operators).ETag))
            {
                return IfMatch.Stale;
            }

            var input = request.Body.Value;
            if (LockedIn(input) is { } locked)
            {
                return locked;
            }

            if (appearance is null)
            {
                appearance = new Appearance(user.Id);
                db.Appearances.Add(appearance);
            }

            appearance.Change(
                input.ThemePreference!,
                input.ThemeMode ?? "",
                input.ThemeLight ?? "",
                input.ThemeDark ?? "",
                input.TerminalFont.Value,
                field => operators.LockOf(field) is not null);
            await db.SaveChangesAsync(cancellationToken);
            return AppearanceAnswer.Of(appearance, operators);
        }

        /// <summary>All field rules together, and the list of fonts only once they hold.</summary>
        private Error? Broken(Input input) => validator.Refuse(input)
            ?? (input.TerminalFont.Value is { } font && SettingField.TerminalFont.Problem(font) is { } problem ? Error.InvalidField("terminal_font", problem) : null);

        /// <summary>Slots count only beside a mode, as without one they are not looked at.</summary>
        private Error? LockedIn(Input input) =>
            operators.Refuse(SettingField.ThemePreference, input.ThemePreference)
            ?? operators.Refuse(SettingField.ThemeMode, input.ThemeMode)
            ?? (string.IsNullOrEmpty(input.ThemeMode) ? null : operators.Refuse(SettingField.ThemeLight, input.ThemeLight))
            ?? (string.IsNullOrEmpty(input.ThemeMode) ? null : operators.Refuse(SettingField.ThemeDark, input.ThemeDark))
            ?? operators.Refuse(SettingField.TerminalFont, input.TerminalFont.Value);
    }
}
