using Microsoft.Extensions.DependencyInjection;
using Modular.Preferences.Domain;
using Modular.Preferences.Features;
using Modular.Preferences.Persistence;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;

namespace Modular.Preferences;

/// <summary>What people like: how the product looks and behaves for them.</summary>
public sealed class PreferencesModule : IModule
{
    /// <inheritdoc />
    public string Name => "Preferences";

    /// <inheritdoc />
    public string Schema => PreferencesDbContext.SchemaName;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> PathParameters { get; } = new Dictionary<string, string>
    {
        ["template_id"] = "A template: any UUID.",
    };

    /// <inheritdoc />
    public IReadOnlyList<AuditedResource> AuditedResources => [new(GitSshKey.ResourceType, "the git ssh key")];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) =>
        services
            .AddModuleDbContext<PreferencesDbContext>(Schema)
            .AddSettings(OperatorSettings.Read)
            .AddSettings(AutofillSettings.Read)
            .AddSettings(SshKeySettings.Read)
            .AddSingleton<SshKeyMaking>()
            .AddScoped<SettingsWriting>()
            .AddConstraintError("fk_appearances_owners_user_id", Error.ResourceNotFound)
            .AddConstraintError("fk_preferences_owners_user_id", Error.ResourceNotFound)
            .AddConstraintError("fk_autofill_values_owners_user_id", Error.ResourceNotFound)
            .AddConstraintError("fk_git_ssh_keys_owners_user_id", Error.ResourceNotFound);
}
