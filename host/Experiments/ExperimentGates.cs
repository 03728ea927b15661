using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Modular.Host.Agents;
using Modular.Host.Server;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>
/// Stands before routing: while an experiment is off for the caller, its paths are answered as any unknown path is, whatever
/// the method and with or without a key. The description of experiments is hidden in the same way from callers without the right to
/// read the deployment's configuration. A path that several experiments share is there while one of them is on. Matches every spelling that
/// routing would match.
/// </summary>
internal sealed class ExperimentGates(
    RequestDelegate next, IEnumerable<IModule> modules, IEnumerable<McpOffering> offerings, FeatureStore store)
{
    /// <summary>Where the experiments that are on are described.</summary>
    internal const string DescriptionPath = "/openapi/experimental.json";

    private readonly Gate[] gates =
    [
        .. modules.OfType<IExperimentalModule>().SelectMany(module => module.RoutePatterns.Select(pattern => new Gate(
            pattern, http => IsOneOnAsync(http, module.FeatureFlag)))),
        new Gate($"{ServeAgents.Path}/{{**rest}}", http => IsOneOnAsync(http, [.. offerings.Select(offering => offering.FeatureFlag).Distinct()])),
        new Gate(DescriptionPath, http => ValueTask.FromResult(
            store.All.Any(state => state.Enabled)
            && http.RequestServices.GetRequiredService<ICurrentUser>().Caller?.May(HostPermissions.ReadDeployment) == true)),
    ];

    public async Task InvokeAsync(HttpContext http)
    {
        foreach (var gate in gates)
        {
            if (!gate.Matches(http.Request.Path))
            {
                continue;
            }

            if (!await gate.IsOpenAsync(http))
            {
                await ErrorAnswers.RouteNotFoundAsync(http);
                return;
            }

            http.Features.Set<IExperimentGate>(new OpenGate(gate, http));
        }

        await next(http);
    }

    private static async ValueTask<bool> IsOneOnAsync(HttpContext http, params string[] flags)
    {
        var experiments = http.RequestServices.GetRequiredService<IExperiments>();
        foreach (var flag in flags)
        {
            if (await experiments.IsOnAsync(flag))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A gate that a request has passed. What was decided for the request is decided anew.</summary>
    private sealed class OpenGate(Gate gate, HttpContext http) : IExperimentGate
    {
        public async Task<bool> IsStillOpenAsync()
        {
            CallersExperiments.Forget(http);
            return await gate.IsOpenAsync(http);
        }
    }

    private sealed class Gate(string pattern, Func<HttpContext, ValueTask<bool>> isOpen)
    {
        private readonly TemplateMatcher matcher = new(new RouteTemplate(RoutePatternFactory.Parse(pattern)), new RouteValueDictionary());

        public bool Matches(PathString path) => matcher.TryMatch(path, new RouteValueDictionary());

        public ValueTask<bool> IsOpenAsync(HttpContext http) => isOpen(http);
    }
}
