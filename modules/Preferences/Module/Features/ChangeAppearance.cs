using System.Text;
using Carter;
using FluentValidation;
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
using static Modular.SharedKernel.Results.ResultHttp;

namespace Modular.Preferences.Features;

internal static class ChangeAppearance
{
    private const int MaxPreferenceBytes = 256;

    internal sealed record Input
    {
        public string? ThemePreference { get; init; }

        public string? ThemeMode { get; init; }

        public string? ThemeLight { get; init; }

        public string? ThemeDark { get; init; }

        /// <summary>Absent keeps the font; null and the empty text are refused, so the two must be told apart.</summary>
        public Sent<string> TerminalFont { get; init; }
    }

    /// <summary>Who may not change the settings is refused before the body is looked at, so the body comes as it was found.</summary>
    internal sealed record Command(Target User, Result<Input> Body) : ICommand<AppearanceAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/appearance", async (Target target, Body<Input> body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(target, await body.ReadAsync(ct)), ct))
                    .ToHttp(appearance => Json(StatusCodes.Status200OK, appearance)))
                .Requires(PreferencePermissions.Update)
                .Describe(
                    nameof(ChangeAppearance),
                    "Changes a user's appearance settings",
                    "Members that are left out stay as they are. Needs the right to change the user's personal data.")
                .Example("""{"theme_preference":"dark","terminal_font":"ibm-plex-mono"}""")
                .Answers<AppearanceAnswer>(StatusCodes.Status200OK).Refuses(400, 403, 404);
    }

    internal sealed class Validator : AbstractValidator<Input>
    {
        public Validator()
        {
            RuleFor(i => i.ThemePreference).IsRequired();
            RuleFor(i => i.ThemePreference).Obeys(preference => Encoding.UTF8.GetByteCount(preference) > MaxPreferenceBytes
                ? $"Use at most {MaxPreferenceBytes} bytes."
                : null);
            RuleFor(i => i.ThemeMode).Obeys(OneOf(Appearance.Modes));
            RuleFor(i => i.ThemeLight).IsRequired().When(i => i.ThemeMode == Appearance.Sync);
            RuleFor(i => i.ThemeLight).Obeys(OneOf(Appearance.Themes));
            RuleFor(i => i.ThemeDark).IsRequired().When(i => i.ThemeMode == Appearance.Sync);
            RuleFor(i => i.ThemeDark).Obeys(OneOf(Appearance.Themes));
            RuleFor(i => i.TerminalFont.Value).IsRequired(nameof(Input.TerminalFont)).When(i => i.TerminalFont.WasSent);
        }

        internal static Func<string, string?> OneOf(IReadOnlyList<string> allowed) =>
            value => allowed.Contains(value) ? null : $"Use one of {string.Join(", ", allowed)}.";
    }

    internal sealed class Handler(
        ICurrentUser current, IValidator<Input> validator, PreferencesDbContext db, TimeProvider clock)
        : IRequestHandler<Command, Result<AppearanceAnswer>>
    {
        public async Task<Result<AppearanceAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (!current.Required.May(PreferencePermissions.Update, owner: user.Id, id: user.Id) || Outranked(user))
            {
                return Result<AppearanceAnswer>.Refused(
                    Error.NotAllowed,
                    new WriteRefused(
                        new AuditFacts("write", "user", user.Id, user.Username, StatusCodes.Status403Forbidden), clock.GetUtcNow()));
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
            if (appearance is null)
            {
                appearance = new Appearance(user.Id);
                db.Appearances.Add(appearance);
            }

            var input = request.Body.Value;
            appearance.Change(
                input.ThemePreference!, input.ThemeMode ?? "", input.ThemeLight ?? "", input.ThemeDark ?? "", input.TerminalFont.Value);
            await db.SaveChangesAsync(cancellationToken);
            return AppearanceAnswer.Of(appearance);
        }

        /// <summary>All field rules together, and the list of fonts only once they hold.</summary>
        private Error? Broken(Input input) => validator.Refuse(input)
            ?? (input.TerminalFont.Value is { } font && Validator.OneOf(Appearance.Fonts)(font) is { } problem ? Error.InvalidField("terminal_font", problem) : null);

        private bool Outranked(Target user) => user.Id != current.Required.UserId && RoleAssignment.Outranks(user.Roles, current.Required.Roles);
    }
}
