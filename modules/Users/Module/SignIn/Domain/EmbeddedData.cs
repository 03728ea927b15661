using System.IO.Compression;

namespace Modular.Users.SignIn.Domain;

/// <summary>The lines of the files in <c>Data/</c>, which are built into the assembly.</summary>
internal static class EmbeddedData
{
    internal static IEnumerable<string> Lines(string file)
    {
        using var stored = typeof(EmbeddedData).Assembly.GetManifestResourceStream($"Modular.Users.Data.{file}")
            ?? throw new InvalidOperationException($"The file {file} is not built into the assembly.");
        using var text = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(stored, CompressionMode.Decompress)
            : stored);
        while (text.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
