using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Http;

/// <summary>
/// Stands before routing: while an experiment is off for the caller, its paths are answered as any unknown path is, whatever
/// the method and with or without a key. Matches every spelling that routing would match.
/// </summary>
internal sealed class ExperimentGates(RequestDelegate next, IEnumerable<IModule> modules)
{
    private readonly (TemplateMatcher Matcher, string Flag)[] gates =
    [
        .. modules.OfType<IExperimentalModule>().SelectMany(module => module.RoutePatterns.Select(pattern => (
            new TemplateMatcher(new RouteTemplate(RoutePatternFactory.Parse(pattern)), new RouteValueDictionary()),
            module.FeatureFlag))),
    ];

    public async Task InvokeAsync(HttpContext http)
    {
        foreach (var (matcher, flag) in gates)
        {
            if (matcher.TryMatch(http.Request.Path, new RouteValueDictionary())
                && !await http.RequestServices.GetRequiredService<IExperiments>().IsOnAsync(flag))
            {
                await ErrorAnswers.RouteNotFoundAsync(http);
                return;
            }
        }

        await next(http);
    }
}
