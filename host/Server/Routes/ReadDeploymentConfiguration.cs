using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Carter;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Host.Server.Routes;

/// <summary>The settings in force, for operators who wonder what a server runs with. Secrets show only that they are set.</summary>
internal static class ReadDeploymentConfiguration
{
    /// <param name="Config">Every setting by its path, in snake_case.</param>
    /// <param name="Options">Every setting once, with how it is set.</param>
    [AnswerExample(
        """
        {"config":{"access_url":"https://users.example.com"},
        "options":[{"name":"AccessUrl","env":"Modular__AccessUrl","flag":"--Modular:AccessUrl","value":"https://users.example.com","secret":false}]}
        """)]
    internal sealed record Response(JsonObject Config, IReadOnlyList<Option> Options);

    internal sealed record Option(
        string Name,
        string Env,
        string Flag,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Value,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Default,
        bool Secret);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/deployment/config", (SettingsInForce settings) => Json(new Response(Config(settings.All), [.. settings.All.Select(Shown)])))
                .Requires(HostPermissions.ReadDeployment)
                .Describe(
                    nameof(ReadDeploymentConfiguration),
                    "Reads the settings that this server runs with, secrets masked",
                    "Each option with the environment variable that sets it. Secrets show as a fixed mask, set or not.")
                .Answers<Response>().Refuses(403);
    }

    private static Option Shown(SettingInForce setting)
    {
        var key = $"{SettingsReader.Section}:{setting.Key}";
        return new Option(setting.Key, key.Replace(":", "__", StringComparison.Ordinal), $"--{key}", setting.Value, setting.Default, setting.IsSecret);
    }

    private static JsonObject Config(IEnumerable<SettingInForce> settings)
    {
        var config = new JsonObject();
        foreach (var setting in settings)
        {
            var path = setting.Key.Split(':').Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName).ToArray();
            var parent = config;
            foreach (var name in path[..^1])
            {
                parent[name] ??= new JsonObject();
                parent = parent[name]!.AsObject();
            }

            parent[path[^1]] = setting.Value;
        }

        return config;
    }
}
