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

internal static class ChangePreferences
{
    /// <summary>Absent, null and the empty text keep what is there.</summary>
    internal sealed record Input
    {
        public bool? TaskNotificationAlertDismissed { get; init; }

        public string? ThinkingDisplayMode { get; init; }

        public string? ShellToolDisplayMode { get; init; }

        public string? CodeDiffDisplayMode { get; init; }

        public string? AgentChatSendShortcut { get; init; }

        /// <summary>What was sent of the fields that are texts, in the order in which they are judged.</summary>
        internal IEnumerable<(SettingField Field, string? Sent)> Texts =>
        [
            (SettingField.ThinkingDisplayMode, ThinkingDisplayMode),
            (SettingField.ShellToolDisplayMode, ShellToolDisplayMode),
            (SettingField.CodeDiffDisplayMode, CodeDiffDisplayMode),
            (SettingField.AgentChatSendShortcut, AgentChatSendShortcut),
        ];
    }

    internal sealed record Command(Target User, Result<Input> Body, IfMatch IfMatch) : ICommand<PreferencesAnswer>;

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPut("/api/v2/users/{user}/preferences", async (
                    Target target, Body<Input> body, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(target, await body.ReadAsync(ct), ifMatch), ct))
                        .ToHttp(preferences => EntityTag.Tagged(StatusCodes.Status200OK, preferences, preferences.ETag)))
                .Requires(PreferencePermissions.Update)
                .Describe(
                    nameof(ChangePreferences),
                    "Changes a user's preferences",
                    "What is left out, null or empty stays as it is. What an operator has locked stays, and sending something else for it is a "
                        + "conflict. With If-Match, only if the settings are still those that were read.")
                .Example("""{"thinking_display_mode":"preview","agent_chat_send_shortcut":"modifier_enter"}""")
                .Answers<PreferencesAnswer>(StatusCodes.Status200OK).Refuses(403, 404, 409, 412);
    }

    internal sealed class Handler(SettingsWriting writing, OperatorSettings operators, PreferencesDbContext db)
        : IRequestHandler<Command, Result<PreferencesAnswer>>
    {
        public async Task<Result<PreferencesAnswer>> Handle(Command request, CancellationToken cancellationToken)
        {
            var user = request.User;
            if (writing.Refuse<PreferencesAnswer>(user) is { } refused)
            {
                return refused;
            }

            if ((request.Body.Error ?? FirstProblem(request.Body.Value)) is { } error)
            {
                return error;
            }

            if (!await db.LockOwnerAsync(user.Id, cancellationToken))
            {
                return Error.ResourceNotFound;
            }

            var preferences = await db.Preferences.SingleOrDefaultAsync(p => p.UserId == user.Id, cancellationToken);
            if (request.IfMatch.Excludes(PreferencesAnswer.Of(preferences, operators).ETag))
            {
                return IfMatch.Stale;
            }

            var input = request.Body.Value;
            if (LockedIn(input) is { } locked)
            {
                return locked;
            }

            if (preferences is null)
            {
                preferences = new UserPreferences(user.Id);
                db.Preferences.Add(preferences);
            }

            preferences.Change(
                input.TaskNotificationAlertDismissed,
                input.ThinkingDisplayMode,
                input.ShellToolDisplayMode,
                input.CodeDiffDisplayMode,
                input.AgentChatSendShortcut,
                field => operators.LockOf(field) is not null);
            await db.SaveChangesAsync(cancellationToken);
            return PreferencesAnswer.Of(preferences, operators);
        }

        private static Error? FirstProblem(Input input) => input.Texts
            .Where(text => text.Sent is { Length: > 0 })
            .Select(text => text.Field.Problem(text.Sent!) is { } problem ? Error.InvalidField(text.Field.Name, problem) : null)
            .FirstOrDefault(error => error is not null);

        private Error? LockedIn(Input input) => input.Texts
            .Prepend((SettingField.TaskNotificationAlertDismissed, PreferencesAnswer.TextOf(input.TaskNotificationAlertDismissed)))
            .Select(text => operators.Refuse(text.Item1, text.Item2))
            .FirstOrDefault(error => error is not null);
    }
}
