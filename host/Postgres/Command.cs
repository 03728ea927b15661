using System.ComponentModel;
using System.Diagnostics;

namespace Modular.Host.Postgres;

/// <summary>A program that was run to its end.</summary>
internal sealed record Command(int ExitCode, string Output, string Errors)
{
    /// <summary>The last lines it complained with, for a sentence to the operator.</summary>
    internal string LastLines => string.Join(' ', (Errors.Trim().Length > 0 ? Errors : Output)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .TakeLast(3)).TrimEnd('.');

    /// <summary>What <c>setsid</c> ends with when there is no such program.</summary>
    private const int NotFound = 127;

    /// <summary>What a process that SIGINT ends is given for an exit code.</summary>
    private const int EndedByCtrlC = 128 + 2;

    /// <summary>
    /// Runs a program; null when there is none of that name. It has a session of its own: a Ctrl-C at the terminal is for the server, which
    /// then ends it in order. Cancelled, it is killed with all that it has started.
    /// </summary>
    internal static async Task<Command?> TryRunAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        Command? run;
        do
        {
            run = await RunOnceAsync(program, arguments, ct);
        }
        while (run is { ExitCode: EndedByCtrlC }); // Ctrl-C came before the session was made: the program has not begun.

        return run;
    }

    private static async Task<Command?> RunOnceAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo("setsid", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/", // Wherever we are, another account may not be allowed to be.
        };
        SetEnvironment(start.Environment);
        ct.ThrowIfCancellationRequested();
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            try
            {
                await process.WaitForExitAsync(ct);
                return process.ExitCode == NotFound ? null : new Command(process.ExitCode, await output, await errors);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
                throw;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// The server's settings, secrets among them, stay with the server: every program of an account can read the environment of the others.
    /// </summary>
    private static void SetEnvironment(IDictionary<string, string?> environment)
    {
        environment.Clear();
        environment["PATH"] = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : "/usr/local/bin:/usr/bin:/bin";
        environment["LC_ALL"] = "C";
        if (Environment.GetEnvironmentVariable("TZ") is { Length: > 0 } zone)
        {
            environment["TZ"] = zone;
        }
    }
}
