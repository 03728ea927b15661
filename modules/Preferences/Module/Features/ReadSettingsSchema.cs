using System.Text.Json.Serialization;
using Modular.Preferences.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Preferences.Features;

/// <summary>Describes the settings, so that a client can draw a form that is right for this server.</summary>
internal static class ReadSettingsSchema
{
    /// <param name="Name">The member in the group's answer and request.</param>
    /// <param name="Group">The route that has it: <c>appearance</c> or <c>preferences</c>.</param>
    /// <param name="Type"><c>string</c> or <c>boolean</c>.</param>
    /// <param name="Allowed">The values of a text that is not free.</param>
    /// <param name="Default">The server's.</param>
    /// <param name="OperatorDefault">The operator's, which goes before the server's.</param>
    /// <param name="Locked">Whether the operator has locked it.</param>
    /// <param name="LockedValue">What it shows while it is locked.</param>
    /// <param name="Description">For people.</param>
    internal sealed record Field(
        string Name,
        string Group,
        string Type,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Allowed,
        object Default,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? OperatorDefault,
        bool Locked,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? LockedValue,
        string Description);

    [AnswerExample(
        """
        {"fields":[{"name":"theme_mode","group":"appearance","type":"string","allowed":["single","sync"],"default":"","operator_default":"sync",
        "locked":false,"description":"Whether the theme follows the system (sync) or is always the same (single)."}]}
        """)]
    internal sealed record Response(IReadOnlyList<Field> Fields);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/{user}/preferences/schema", (Target target, OperatorSettings operators) =>
                    Json(new Response([.. UserSettings.Groups.SelectMany(group => Described(group, operators))])))
                .RequiresToSee(PreferencePermissions.Read)
                .Describe(
                    nameof(ReadSettingsSchema),
                    "Describes every setting of a user",
                    "Names, values, defaults and what the operator of this server has set or locked: enough for a client to draw a form.")
                .Answers<Response>().Refuses(404);
    }

    internal static IEnumerable<Field> Described(SettingsGroup group, OperatorSettings operators) => group.Fields.Select(field => new Field(
        field.Name,
        group.Name,
        field.IsBoolean ? "boolean" : "string",
        field.Allowed,
        field.OnTheWire(field.Default),
        operators.DefaultOf(field) is { } operatorDefault ? field.OnTheWire(operatorDefault) : null,
        operators.LockOf(field) is not null,
        operators.LockOf(field) is { } locked ? field.OnTheWire(locked) : null,
        field.Description));
}
