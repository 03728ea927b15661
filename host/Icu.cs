using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Host;

/// <summary>
/// ICU, the system's library of Unicode. Where it is missing, the runtime ends the process with a stack trace as soon as anything asks for
/// a culture. So it is looked for before all else, by the runtime's own search, and what says that it is missing asks for none: no text is
/// formatted, and no console is opened.
/// </summary>
internal static class Icu
{
    private static ReadOnlySpan<byte> Missing =>
        "modular: ICU, the library of Unicode, is not installed; on Debian it is the package libicu with a number (apt-get install libicu72, libicu76 or a newer one), and ./run installs it.\n"u8;

    /// <summary>Whether the runtime finds it. If not, the standard error output says so.</summary>
    internal static bool IsInstalled()
    {
        if (GlobalizationNative_LoadICU() != 0)
        {
            return true;
        }

        using var standardError = new SafeFileHandle(2, ownsHandle: false);
        using var errors = new FileStream(standardError, FileAccess.Write, bufferSize: 0);
        errors.Write(Missing);
        return false;
    }

    [DllImport("libSystem.Globalization.Native")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int GlobalizationNative_LoadICU();
}
