using System.ComponentModel;
using System.Diagnostics;

namespace Modular.Host.Database;

/// <summary>A program that was run to its end.</summary>
internal sealed record Command(int ExitCode, string Output, string Errors)
{
    /// <summary>The last lines it complained with, for a sentence to the operator.</summary>
    internal string LastWords => string.Join(' ', (Errors.Trim().Length > 0 ? Errors : Output)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .TakeLast(3)).TrimEnd('.');

    /// <summary>Runs a program; null when there is none of that name.</summary>
    internal static async Task<Command?> TryRunAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/", // Wherever we are, another account may not be allowed to be.
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name); // The operator's psql settings are not meant for our cluster.
        }

        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return new Command(process.ExitCode, await output, await errors);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
