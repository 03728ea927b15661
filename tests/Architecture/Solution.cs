using System.Reflection;
using ArchUnitNET.Loader;
using Modular.Host;
using Modular.SharedKernel.Modules;

namespace Modular.Tests.Architecture;

/// <summary>The solution as it is: assemblies from the catalog, projects from the tree. Nothing here is typed by hand.</summary>
internal static class Solution
{
    internal static readonly DirectoryInfo Root = FindRoot();

    internal static readonly IReadOnlyList<IModule> Modules = [.. ModuleCatalog.All.Where(module => module is not HostModule)];

    internal static readonly IReadOnlyList<Assembly> ModuleAssemblies = [.. Modules.Select(module => module.GetType().Assembly)];

    internal static readonly Assembly Host = typeof(ModuleCatalog).Assembly;

    internal static readonly Assembly Kernel = typeof(IModule).Assembly;

    internal static readonly IReadOnlyList<Assembly> Contracts =
    [
        .. ModuleAssemblies
            .SelectMany(assembly => assembly.GetReferencedAssemblies())
            .Where(name => name.Name!.StartsWith("Modular.", StringComparison.Ordinal) && name.Name.EndsWith(".Contracts", StringComparison.Ordinal))
            .DistinctBy(name => name.Name)
            .Select(Assembly.Load),
    ];

    internal static readonly ArchUnitNET.Domain.Architecture Loaded = new ArchLoader()
        .LoadAssemblies([Kernel, Host, .. Contracts, .. ModuleAssemblies, typeof(Solution).Assembly])
        .Build();

    internal static TheoryData<string> ModuleNames => [.. Modules.Select(module => module.Name)];

    internal static Assembly AssemblyOf(string module) => Modules.Single(m => m.Name == module).GetType().Assembly;

    private static DirectoryInfo FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.GetFiles("modular.sln").Length == 0)
        {
            folder = folder.Parent ?? throw new InvalidOperationException("modular.sln is in no folder above the tests.");
        }

        return folder;
    }
}
