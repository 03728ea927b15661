using Microsoft.FeatureManagement;
using Modular.Host.Agents;
using Modular.Host.Experiments;
using Modular.Host.Experiments.Domain;
using Modular.Host.Persistence;
using Modular.Host.Protection;
using Modular.Host.Server;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;

namespace Modular.Host;

/// <summary>What the host itself serves and stores: the switches of the experiments, and what clients ask a server first.</summary>
internal sealed class HostModule : IModule
{
    public string Name => "Host";

    public string Schema => HostDbContext.SchemaName;

    public IReadOnlyList<Grant> Grants => HostPermissions.Grants;

    public IReadOnlyDictionary<string, string> PathParameters { get; } = new Dictionary<string, string>
    {
        ["name"] = "The name of an experiment.",
    };

    public IReadOnlyList<AuditedResource> AuditedResources => [new(FeatureSwitch.ResourceType)];

    public void AddServices(IServiceCollection services)
    {
        services
            .AddModuleDbContext<HostDbContext>(
                Schema,
                TableRights.Write,
                ("deployment", TableRights.Read),
                ("plugins", TableRights.None),
                ("protection_keys", TableRights.Append))
            .AddSettings(ServerSettings.Read)
            .AddSettings(ExperimentSettings.Read)
            .AddSingleton<FeatureStore>()
            .AddHostedService<FeatureChangeListener>()
            .AddSingleton<IFeatureDefinitionProvider, FeatureDefinitions>()
            .AddScoped<IExperiments, CallersExperiments>();
        services.AddModularProtection();
        services.AddMcp();
        services.AddFeatureManagement().AddFeatureFilter<RolloutFilter>();
    }
}
