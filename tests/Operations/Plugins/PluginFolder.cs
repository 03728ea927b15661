namespace Modular.Tests.Operations.Plugins;

/// <summary>Where a server finds its plug-ins: in its data folder.</summary>
internal static class PluginFolder
{
    /// <summary>The checkout.</summary>
    internal static readonly DirectoryInfo Root = FindRoot();

    /// <summary>The folder that plug-ins are built against.</summary>
    internal static string Server => Path.Combine(Root.FullName, "host/bin", Configuration, "net10.0");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Drops the third party's plug-in, as its build has left it.</summary>
    internal static DirectoryInfo DropNotes(DirectoryInfo dataFolder)
    {
        var built = new DirectoryInfo(Path.Combine(Root.FullName, "tests/Plugins/Notes/bin", Configuration, "net10.0"));
        var folder = Make(dataFolder, "Notes");
        foreach (var file in built.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(folder.FullName, file.Name));
        }

        return folder;
    }

    /// <summary>An empty folder of a plug-in.</summary>
    internal static DirectoryInfo Make(DirectoryInfo dataFolder, string plugin) =>
        Directory.CreateDirectory(Path.Combine(dataFolder.FullName, "plugins", plugin));

    private static DirectoryInfo FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.GetFiles("modular.sln").Length == 0)
        {
            folder = folder.Parent!;
        }

        return folder;
    }
}
