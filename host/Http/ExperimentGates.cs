using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Modular.Host.Mcp;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Http;

/// <summary>
/// Stands before routing: while an experiment is off for the caller, its paths are answered as any unknown path is, whatever
/// the method and with or without a key. What several experiments share is there while one of them is on. Matches every spelling that
/// routing would match.
/// </summary>
internal sealed class ExperimentGates(RequestDelegate next, IEnumerable<IModule> modules, IEnumerable<McpOffering> offerings)
{
    private readonly (TemplateMatcher Matcher, string[] Flags)[] gates =
    [
        .. modules.OfType<IExperimentalModule>().SelectMany(module => module.RoutePatterns.Select(pattern => Gate(pattern, module.FeatureFlag))),
        Gate($"{ServeAgents.Path}/{{**rest}}", [.. offerings.Select(offering => offering.FeatureFlag).Distinct()]),
    ];

    public async Task InvokeAsync(HttpContext http)
    {
        foreach (var (matcher, flags) in gates)
        {
            if (matcher.TryMatch(http.Request.Path, new RouteValueDictionary())
                && !await IsOneOnAsync(flags, http.RequestServices.GetRequiredService<IExperiments>()))
            {
                await ErrorAnswers.RouteNotFoundAsync(http);
                return;
            }
        }

        await next(http);
    }

    private static (TemplateMatcher Matcher, string[] Flags) Gate(string pattern, params string[] flags) =>
        (new TemplateMatcher(new RouteTemplate(RoutePatternFactory.Parse(pattern)), new RouteValueDictionary()), flags);

    private static async Task<bool> IsOneOnAsync(string[] flags, IExperiments experiments)
    {
        foreach (var flag in flags)
        {
            if (await experiments.IsOnAsync(flag))
            {
                return true;
            }
        }

        return false;
    }
}
