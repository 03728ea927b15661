using System.Runtime.InteropServices;

namespace Modular.Host.Files;

/// <summary>
/// Which accounts beside the server's own (and root, whose everything is) could change a file. A group that has no other members
/// adds no other account: on most systems each account has such a group, and its umask lets the group write. A group that the system has no name
/// for has no members either, only processes that were started in it, as in a container.
/// </summary>
internal static class Writers
{
    private static readonly uint own = EffectiveUser();

    /// <summary>Whether the file belongs to the server's account or to root.</summary>
    internal static bool IsOwn(this UnixFile file) => IsOwn(file.Owner);

    /// <summary>Whether another account may write.</summary>
    internal static bool IsOpenToOthers(this UnixFile file) =>
        file.Mode.HasFlag(UnixFileMode.OtherWrite) || (file.Mode.HasFlag(UnixFileMode.GroupWrite) && HasOthers(file.Group));

    /// <summary>Whether another account may read.</summary>
    internal static bool IsReadableByOthers(this UnixFile file) =>
        file.Mode.HasFlag(UnixFileMode.OtherRead) || (file.Mode.HasFlag(UnixFileMode.GroupRead) && HasOthers(file.Group));

    /// <summary>
    /// The first folder above a path in which another account could put something else in its place; null where there is none. In a folder
    /// such as /tmp every account may write, and none may move what belongs to another.
    /// </summary>
    /// <param name="path">Without links, see <see cref="RealPath"/>.</param>
    /// <param name="ofOthersToo">Whether a folder that belongs to another account counts as one.</param>
    internal static string? OpenFolderAbove(string path, bool ofOthersToo)
    {
        for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            if (UnixFile.Find(above) is { } folder
                && ((ofOthersToo && !folder.IsOwn()) || (folder.IsOpenToOthers() && !folder.Mode.HasFlag(UnixFileMode.StickyBit))))
            {
                return above;
            }
        }

        return null;
    }

    /// <summary>The path as the kernel knows it, links resolved all the way up.</summary>
    internal static string RealPath(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var here = Path.Combine(RealPath(parent), Path.GetFileName(path));
        return new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }

    private static bool IsOwn(uint user) => user == 0 || user == own;

    private static bool HasOthers(uint group)
    {
        if (group == 0)
        {
            return false;
        }

        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        var names = accounts.Where(fields => uint.TryParse(fields[2], out var user) && IsOwn(user)).Select(fields => fields[0]).ToHashSet(StringComparer.Ordinal);
        return MembersOf(group).Any(member => !names.Contains(member))
            || accounts.Any(fields => fields[3] == $"{group}" && !names.Contains(fields[0]));
    }

    /// <summary>As the system knows them, from whichever directory it asks.</summary>
    private static List<string> MembersOf(uint group)
    {
        var names = new List<string>();
        if (FindGroup(group) is var found && found != 0)
        {
            var members = Marshal.PtrToStructure<Group>(found).Members;
            for (nint name; (name = Marshal.ReadIntPtr(members, names.Count * nint.Size)) != 0;)
            {
                names.Add(Marshal.PtrToStringUTF8(name)!);
            }
        }

        return names;
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();

    [DllImport("libc", EntryPoint = "getgrgid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint FindGroup(uint group);

    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        internal nint Name;
        internal nint Password;
        internal uint Number;
        internal nint Members;
    }
}
