using Modular.Host.Files;

namespace Modular.Host.Plugins;

/// <summary>
/// A plug-in's code runs as the server, so only accounts that could change the server may be able to change it: not a file of it, not a folder
/// on the way to it. And it consists of files: opening a pipe waits for ever, and a link leads to where nothing has been checked.
/// </summary>
internal static class PluginFiles
{
    private static readonly EnumerationOptions everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>The plug-in's folder may be a link, to where its versions are kept; then the folders above that count too.</summary>
    /// <exception cref="PluginRefusedException">Another account may write, or something is no file.</exception>
    internal static void Check(DirectoryInfo folder)
    {
        try
        {
            var real = Writers.RealPath(folder.FullName);
            foreach (var path in (string[])[Writers.RealPath(folder.Parent!.FullName), real])
            {
                Require(path);
                if (Writers.OpenFolderAbove(path, ofOthersToo: true) is { } above)
                {
                    throw Open(above);
                }
            }

            foreach (var path in Directory.EnumerateFileSystemEntries(real, "*", everything))
            {
                Require(path);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new PluginRefusedException($"its folder cannot be looked through: {PluginFailure.Line(refused.Message)}");
        }
    }

    private static void Require(string path)
    {
        var file = UnixFile.Find(path) ?? throw new PluginRefusedException($"{path} cannot be found by its name");
        if (file.Kind is not (FileKind.File or FileKind.Folder))
        {
            throw new PluginRefusedException($"{path} is {(file.Kind == FileKind.Link ? "a link" : "no file")}; a plug-in consists of folders and files");
        }

        if (!file.IsOwn() || file.IsOpenToOthers())
        {
            throw Open(path);
        }
    }

    private static PluginRefusedException Open(string path) =>
        new($"other accounts may write to {path}; run chown {Environment.UserName} {path} and chmod go-w {path}");
}
