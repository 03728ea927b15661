using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Mcp;

/// <summary>
/// What an experiment brings to <c>/api/experimental/mcp</c>. It is seen only while the experiment is on for the caller, and only by
/// keys that hold the permission on their owner's resources.
/// </summary>
/// <param name="FeatureFlag">The experiment's.</param>
/// <param name="Permission">What a key must hold.</param>
/// <param name="Tools">Made once; they find what they need in the services of the request.</param>
/// <param name="Offer">An <see cref="IMcpOffer"/> in those services; null where there are tools alone.</param>
public sealed record McpOffering(string FeatureFlag, Permission Permission, IReadOnlyList<McpServerTool> Tools, Type? Offer);

/// <summary>How a module says, in its <c>AddServices</c>, what it brings for agents.</summary>
public static class McpRegistration
{
    /// <summary>Brings tools. A plug-in whose tool has the name of another one is left off.</summary>
    public static IServiceCollection AddMcpTools(
        this IServiceCollection services, string featureFlag, Permission permission, params McpServerTool[] tools) =>
        services.AddSingleton(new McpOffering(featureFlag, permission, tools, Offer: null));

    /// <summary>Brings tools and more.</summary>
    public static IServiceCollection AddMcpOffer<TOffer>(
        this IServiceCollection services, string featureFlag, Permission permission, params McpServerTool[] tools)
        where TOffer : class, IMcpOffer => services
        .AddScoped<TOffer>()
        .AddSingleton(new McpOffering(featureFlag, permission, tools, typeof(TOffer)));
}
