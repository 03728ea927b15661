using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Plugins;

/// <summary>
/// The assemblies of one plug-in. What its contract with the server is made of (shared-kernel, the Contracts of the modules, the
/// libraries that these show, the framework) is the server's own; everything else is the plug-in's, from its folder, in whatever version,
/// and the server's copy of it is out of reach.
/// </summary>
internal sealed class PluginLoadContext(string entryAssembly)
    : AssemblyLoadContext(Path.GetFileNameWithoutExtension(entryAssembly))
{
    private const string OwnPrefix = "Modular.";

    /// <summary>Every assembly that the server itself could load, by name.</summary>
    private static readonly FrozenDictionary<string, string> known = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .DistinctBy(Path.GetFileNameWithoutExtension)
        .ToFrozenDictionary(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> shared = FindShared();

    private readonly AssemblyDependencyResolver resolver = new(entryAssembly);

    /// <summary>Whether a type is some plug-in's.</summary>
    internal static bool Owns(Type type) => GetLoadContext(type.Assembly) is PluginLoadContext;

    /// <summary>Whether an assembly is one of ours, by its name.</summary>
    internal static bool IsOurs(string assembly) => assembly.StartsWith(OwnPrefix, StringComparison.Ordinal) && known.ContainsKey(assembly);

    /// <summary>The version of one of our assemblies that plug-ins may refer to; null of those that they may not.</summary>
    internal static Version? ContractVersion(string assembly) =>
        IsContract(assembly) ? AssemblyName.GetAssemblyName(known[assembly]).Version : null;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (shared.Contains(assemblyName.Name!))
        {
            return null; // The server's.
        }

        if (resolver.ResolveAssemblyToPath(assemblyName) is { } path)
        {
            return LoadFromAssemblyPath(path);
        }

        // Resources in a language that it does not speak are looked for in vain as a matter of course.
        return string.IsNullOrEmpty(assemblyName.CultureName)
            ? throw new PluginRefusedException($"{assemblyName.Name} {assemblyName.Version} is neither in its folder nor shared by the server")
            : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    /// <summary>Whether an assembly is one that plug-ins may refer to, by its name.</summary>
    internal static bool IsContract(string assembly) => IsOurs(assembly)
        && (assembly == typeof(IModule).Assembly.GetName().Name || assembly.EndsWith(".Contracts", StringComparison.Ordinal));

    /// <summary>The contracts, all that they refer to, and the framework, which is what lies elsewhere than the program.</summary>
    private static FrozenSet<string> FindShared()
    {
        var found = known
            .Where(assembly => !assembly.Value.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal))
            .Select(assembly => assembly.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<string>(known.Keys.Where(IsContract));
        while (open.TryPop(out var name))
        {
            if (known.ContainsKey(name) && found.Add(name))
            {
                foreach (var reference in Assembly.Load(new AssemblyName(name)).GetReferencedAssemblies())
                {
                    open.Push(reference.Name!);
                }
            }
        }

        return found.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
