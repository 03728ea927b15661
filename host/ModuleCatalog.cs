using Modular.ApiKeys;
using Modular.Audit;
using Modular.Preferences;
using Modular.SharedKernel.Modules;
using Modular.Users;
using Modular.UserSkills;

namespace Modular.Host;

/// <summary>The modules of this server. The only place that knows them all.</summary>
internal static class ModuleCatalog
{
    internal static readonly IReadOnlyList<IModule> Core =
    [
        new HostModule(),
        new UsersModule(),
        new ApiKeysModule(),
        new PreferencesModule(),
        new AuditModule(),
    ];

    internal static readonly IReadOnlyList<IExperimentalModule> Experiments =
    [
        new UserSkillsModule(),
    ];

    internal static readonly IReadOnlyList<IModule> All = [.. Core, .. Experiments];
}
