using System.Runtime.InteropServices;

namespace Modular.Host.Files;

/// <summary>What a path is.</summary>
internal enum FileKind
{
    /// <summary>A pipe, a socket, a device.</summary>
    Other,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>What the kernel says of a path. .NET tells the mode alone, and nothing of owners.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Who may do what with it.</param>
/// <param name="Owner">The number of the account that owns it.</param>
/// <param name="Group">The number of its group.</param>
internal readonly record struct UnixFile(FileKind Kind, UnixFileMode Mode, uint Owner, uint Group)
{
    private const int InWorkingFolder = -100;
    private const int NotThroughLinks = 0x100;
    private const uint BasicFacts = 0x7ff;
    private const int NotThere = 2;

    /// <summary>The path itself, not what it links to; null where there is nothing.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    internal static UnixFile? Find(string path)
    {
        if (StatX(InWorkingFolder, path, NotThroughLinks, BasicFacts, out var facts) == 0)
        {
            return new UnixFile(
                (facts.Mode & 0xf000) switch
                {
                    0x8000 => FileKind.File,
                    0x4000 => FileKind.Folder,
                    0xa000 => FileKind.Link,
                    _ => FileKind.Other,
                },
                (UnixFileMode)(facts.Mode & 0xfff),
                facts.Owner,
                facts.Group);
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NotThere ? null : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>The kernel's own call, whose answer has the same form on every processor.</summary>
    [DllImport("libc", EntryPoint = "statx", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint asked, out Facts facts);

    /// <summary>Those that are looked at, of the 256 bytes that are written.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Facts
    {
        [FieldOffset(20)]
        internal uint Owner;

        [FieldOffset(24)]
        internal uint Group;

        [FieldOffset(28)]
        internal ushort Mode;
    }
}
