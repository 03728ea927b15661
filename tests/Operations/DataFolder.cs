namespace Modular.Operations;

internal static class DataFolder
{
    /// <summary>An empty folder that the database's account can pass through, as it can in an ordinary checkout.</summary>
    internal static DirectoryInfo Make()
    {
        var folder = Directory.CreateTempSubdirectory("modular-data-");
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return folder;
    }
}
