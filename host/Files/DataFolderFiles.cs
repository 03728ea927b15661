using Modular.Host.Lifetime;

namespace Modular.Host.Files;

/// <summary>
/// The data folder holds what opens everything else: the database's password, the certificate of the protection keys. The server does
/// not start with one that another account could have changed, or whose secrets it can read.
/// </summary>
internal static class DataFolderFiles
{
    /// <summary>Files in it that tell nothing.</summary>
    private static readonly string[] open = ["lock", "postgres.location"];

    /// <summary>The database's own, which PostgreSQL wants to belong to its account and to no other.</summary>
    private const string Database = "postgres";

    /// <summary>What is there is looked at; what is not will be made as it must be.</summary>
    /// <exception cref="StartupException">Another account may write, or read a secret.</exception>
    internal static void Check(string dataFolder)
    {
        if (!Directory.Exists(dataFolder))
        {
            return;
        }

        try
        {
            var folder = Writers.RealPath(dataFolder);
            if (Writers.OpenFolderAbove(folder, ofOthersToo: false) is { } above)
            {
                throw new StartupException(
                    $"Other accounts may write to {above}, and so put another folder in the place of the data folder {dataFolder}; run chmod go-w {above}, or set MODULAR_DATA to another folder.");
            }

            Require(folder, isSecret: false);
            foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(path => Path.GetFileName(path) != Database))
            {
                Require(path, isSecret: !open.Contains(Path.GetFileName(path)));
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data folder {dataFolder} cannot be looked through: {refused.Message.TrimEnd('.')}; set MODULAR_DATA to another folder.");
        }
    }

    private static void Require(string path, bool isSecret)
    {
        var real = Writers.RealPath(path);
        if (UnixFile.Find(real) is not { } file)
        {
            return; // It has just gone, or is a link to nothing.
        }

        if (!file.IsOwn())
        {
            throw new StartupException($"{path} belongs to another account than the server's, which could change it; run chown {Environment.UserName} {path}, or set MODULAR_DATA to another folder.");
        }

        if (file.IsOpenToOthers())
        {
            throw new StartupException($"Other accounts may write to {path}; run chmod go-w {path}, or set MODULAR_DATA to another folder.");
        }

        if (isSecret && file is { Kind: FileKind.File } && file.IsReadableByOthers())
        {
            throw new StartupException($"Other accounts may read {path}, where the server keeps secrets; run chmod go-rwx {path}, or keep the file elsewhere.");
        }
    }
}
