namespace Modular.Tests.Architecture;

/// <summary>A file of C# as it is written, for rules about what no compiled code shows: those of the template and of plug-ins too.</summary>
/// <param name="Path">Below the solution's folder.</param>
/// <param name="Text">What it says.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private static readonly string[] roots = ["host", "modules", "shared-kernel", "templates", "tests/Plugins"];

    /// <summary>Everything that runs in a server, and what plug-ins are made from.</summary>
    internal static IEnumerable<SourceFile> All =>
        from root in roots
        from file in Directory.EnumerateFiles(System.IO.Path.Combine(Solution.Root.FullName, root), "*.cs", SearchOption.AllDirectories)
        let path = System.IO.Path.GetRelativePath(Solution.Root.FullName, file)
        where !path.Split('/').Any(folder => folder is "bin" or "obj")
        select new SourceFile(path, File.ReadAllText(file));
}
