using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Modular.SharedKernel.Modules;

namespace Modular.Host.Plugins;

/// <summary>
/// A folder of assemblies with an experimental module in it. The folder's name, its entry assembly's and the module's are one and the same:
/// <c>Notes/Notes.dll</c> holds the module Notes.
/// </summary>
/// <param name="Name">Of all three.</param>
/// <param name="Version">The assembly's.</param>
/// <param name="Entry">Its entry class, asked for its services and for nothing else.</param>
/// <param name="Module">What the entry class has said of itself.</param>
internal sealed record Plugin(string Name, string Version, IExperimentalModule Entry, PluginModule Module)
{
    /// <summary>Loads what is in the folder.</summary>
    /// <exception cref="PluginRefusedException">It is no plug-in, or none for this server.</exception>
    /// <param name="folder">The plug-in's.</param>
    /// <param name="patience">How long its code has to come back.</param>
    internal static Plugin Load(DirectoryInfo folder, TimeSpan patience)
    {
        if (!PluginClaims.IsName(folder.Name))
        {
            throw new PluginRefusedException($"'{folder.Name}' is no name for a plug-in; write letters and digits, in parts joined by dots");
        }

        PluginFiles.Check(folder);
        var file = Path.Combine(folder.FullName, folder.Name + ".dll");
        if (!File.Exists(file))
        {
            throw new PluginRefusedException($"there is no {folder.Name}.dll in its folder");
        }

        CheckContracts(file, patience);
        var assembly = PluginFailure.Try("its assemblies cannot be loaded", patience, () => LoadAssembly(file));
        Type[] entries =
        [
            .. PluginFailure.Try("its assemblies cannot be loaded", patience, assembly.GetTypes)
                .Where(type => type is { IsVisible: true, IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IExperimentalModule))),
        ];
        var entry = entries switch
        {
            [var only] => only,
            [] => throw new PluginRefusedException($"{folder.Name}.dll has no public class that is an {nameof(IExperimentalModule)}"),
            _ => throw new PluginRefusedException(
                $"{folder.Name}.dll has more than one public class that is an {nameof(IExperimentalModule)}: {string.Join(", ", entries.Select(type => type.FullName))}"),
        };
        var module = PluginFailure.Try("its entry class cannot be made", patience, () => (IExperimentalModule)Activator.CreateInstance(entry)!);
        return new Plugin(
            folder.Name,
            PluginFailure.Line(PluginFailure.Try("its version cannot be read", patience, () => VersionOf(assembly))),
            module,
            PluginFailure.Try("what it says of itself cannot be read", patience, () => new PluginModule(module)));
    }

    /// <summary>As people write it, without the revision of the source that the compiler puts behind it.</summary>
    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version!.ToString();

    /// <summary>Reads what the assembly was compiled against, before any of its code can run.</summary>
    private static void CheckContracts(string file, TimeSpan patience)
    {
        var references = PluginFailure.Try($"{Path.GetFileName(file)} cannot be read as an assembly", patience, () => ReferencesOf(file));
        foreach (var (name, version) in references.Where(reference => PluginLoadContext.IsOurs(reference.Name)))
        {
            if (PluginLoadContext.ContractVersion(name) is not { } ours)
            {
                throw new PluginRefusedException($"it refers to {name}, which is inside the server; plug-ins refer to Modular.SharedKernel and Contracts alone");
            }

            if (version.Major != ours.Major || version.Minor > ours.Minor)
            {
                throw new PluginRefusedException(
                    $"it was built against version {version.ToString(2)} of {name}, and this server has {ours.ToString(2)}; build it against this server");
            }
        }

        if (references.All(reference => reference.Name != typeof(IModule).Assembly.GetName().Name))
        {
            throw new PluginRefusedException($"{Path.GetFileName(file)} does not refer to {typeof(IModule).Assembly.GetName().Name}");
        }
    }

    private static List<(string Name, Version Version)> ReferencesOf(string file)
    {
        using var stream = File.OpenRead(file);
        using var executable = new PEReader(stream);
        var metadata = executable.GetMetadataReader();
        return
        [
            .. metadata.AssemblyReferences
                .Select(metadata.GetAssemblyReference)
                .Select(reference => (metadata.GetString(reference.Name), reference.Version)),
        ];
    }

    /// <summary>With all that it refers to: what is missing is missed now and not by the first request.</summary>
    private static Assembly LoadAssembly(string file)
    {
        var context = new PluginLoadContext(file);
        var assembly = context.LoadFromAssemblyPath(file);
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            context.LoadFromAssemblyName(reference);
        }

        return assembly;
    }
}
