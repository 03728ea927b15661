using Microsoft.FeatureManagement;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Security;

namespace Modular.Host.Agents;

/// <summary>What all experiments bring for agents, and what of it is open to a caller.</summary>
internal sealed class McpOfferings(IEnumerable<McpOffering> offerings, IExperiments experiments, IFeatureManager features, IAuthenticator authenticator)
{
    /// <summary>What is open to the caller of the request, as it was when the request began.</summary>
    internal async Task<IReadOnlyList<McpOffering>> OpenAsync(HttpContext http)
    {
        if (http.Features.Get<OpenOfferings>() is not { } open)
        {
            open = new OpenOfferings(await OpenToAsync(http.Features.Get<Caller>()!, flag => experiments.IsOnAsync(flag)));
            http.Features.Set(open);
        }

        return open.List;
    }

    /// <summary>What is on for the caller of the request, whatever its key holds.</summary>
    internal async Task<IReadOnlyList<McpOffering>> OnAsync()
    {
        var on = new List<McpOffering>();
        foreach (var offering in offerings)
        {
            if (await experiments.IsOnAsync(offering.FeatureFlag))
            {
                on.Add(offering);
            }
        }

        return on;
    }

    /// <summary>What is open at this moment to the caller of a stream that was opened some time ago: nothing, once its key is no longer good.</summary>
    internal async Task<IReadOnlyList<McpOffering>> OpenNowAsync(HttpContext http)
    {
        // This also replaces the request's caller, for which the switches are evaluated below.
        var caller = await authenticator.FindAgainAsync(http);
        return caller.Error is not null ? [] : await OpenToAsync(caller.Value, async flag => await features.IsEnabledAsync(flag));
    }

    private async Task<IReadOnlyList<McpOffering>> OpenToAsync(Caller caller, Func<string, ValueTask<bool>> isOn)
    {
        var open = new List<McpOffering>();
        foreach (var offering in offerings.Where(offering => Holds(caller, offering.Permission)))
        {
            if (await isOn(offering.FeatureFlag))
            {
                open.Add(offering);
            }
        }

        return open;
    }

    private static bool Holds(Caller caller, Permission permission) =>
        caller.HasRight(permission, owner: caller.UserId) && caller.Restrictions.AdmittedIds(permission.Resource) is not { Count: 0 };

    private sealed record OpenOfferings(IReadOnlyList<McpOffering> List);
}
