using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Modular.Tests.Operations;

/// <summary>The server as an operator runs it: a process of its own with a data folder, on a port that the system chooses.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Password = "SomeSecurePassword!";

    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private TaskCompletionSource printed = NextLine();
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => this.process = process;

    /// <summary>What it has printed so far, errors included.</summary>
    internal string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    internal int ExitCode => process.ExitCode;

    /// <summary>The program that was built beside these tests.</summary>
    internal static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "server", "Modular.Host.dll");

    /// <summary>Starts it.</summary>
    internal static ServerProcess Start(string dataFolder, params (string Name, string Value)[] environment) =>
        Start(["dotnet", Program], dataFolder, environment);

    /// <summary>Runs the program with arguments, to its end.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(string dataFolder, string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var program = Start(["dotnet", Program, .. arguments], dataFolder, environment);
        await program.EndedAsync(patience);
        return (program.ExitCode, program.Output);
    }

    /// <summary>
    /// Starts a command that runs the program. A shell that runs the tests in the background has them ignore Ctrl-C, and children inherit
    /// that; a terminal does not start a server so.
    /// </summary>
    internal static ServerProcess Start(string[] command, string dataFolder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment.Remove("ConnectionStrings__Modular");
        start.Environment.Remove("ConnectionStrings__ModularAdmin");
        start.Environment["MODULAR_DATA"] = dataFolder;
        start.Environment["MODULAR_URLS"] = "http://127.0.0.1:0";
        start.Environment["Logging__Console__FormatterName"] = "simple";
        start.Environment["Modular__RateLimits__Api"] = "0"; // Load is what these tests make.
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(new Process { StartInfo = start });
        server.process.OutputDataReceived += (_, line) => server.Note(line.Data);
        server.process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server.process.Start();
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits until it says where it is.</summary>
    internal async Task<HttpClient> ReadyAsync()
    {
        var exit = process.WaitForExitAsync();
        if (await Task.WhenAny(listening.Task, exit, Task.Delay(patience)) != listening.Task)
        {
            throw new InvalidOperationException(exit.IsCompleted ? $"The server ended with {process.ExitCode}: {Output}" : $"The server does not start: {Output}");
        }

        return new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = await listening.Task };
    }

    /// <summary>The main process of the built-in database: the first line of PostgreSQL's own pid file.</summary>
    internal static int DatabaseProcess(DirectoryInfo dataFolder)
    {
        var file = dataFolder.EnumerateFiles("postmaster.pid", SearchOption.AllDirectories).Single();
        return int.Parse(File.ReadLines(file.FullName).First(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until it has printed a text. What it logs is printed a moment after it happens.</summary>
    internal async Task SaysAsync(string text)
    {
        while (true)
        {
            Task more;
            lock (output)
            {
                if (output.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                more = printed.Task;
            }

            try
            {
                await more.WaitAsync(patience);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"'{text}' is not in: {Output}");
            }
        }
    }

    /// <summary>Waits for it to end by itself.</summary>
    internal Task EndedAsync(TimeSpan within) => process.WaitForExitAsync().WaitAsync(within);

    /// <summary>Sends a signal by name; to the whole group, as a terminal does, if it leads one.</summary>
    internal void Signal(string name, bool wholeGroup = false) => Send(name, wholeGroup ? -process.Id : process.Id);

    /// <summary>Sends a signal to any process.</summary>
    internal static void Send(string name, int pid)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {pid}"]);
        kill.WaitForExit();
    }

    /// <summary>Makes the first user and gives a client with its session.</summary>
    internal static async Task<(string Session, Guid Organization)> SetUpAsync(HttpClient client)
    {
        using var first = await client.PostAsJsonAsync(
            "/api/v2/users/first", new { email = "owner@example.com", username = "owner", password = Password });
        first.EnsureSuccessStatusCode();
        var created = await first.Content.ReadFromJsonAsync<JsonElement>();
        return (await LogInAsync(client), created.GetProperty("organization_id").GetGuid());
    }

    internal static async Task<string> LogInAsync(HttpClient client)
    {
        using var login = await client.PostAsJsonAsync("/api/v2/users/login", new { email = "owner@example.com", password = Password });
        login.EnsureSuccessStatusCode();
        return (await login.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("session_token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signal("TERM");
            await process.WaitForExitAsync().WaitAsync(patience);
        }

        process.Dispose();
    }

    private static TaskCompletionSource NextLine() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (output)
        {
            output.AppendLine(line);
            printed.SetResult();
            printed = NextLine();
        }

        const string Address = "  Address    ";
        if (line.StartsWith(Address, StringComparison.Ordinal))
        {
            listening.TrySetResult(new Uri(line[Address.Length..].Trim()));
        }
    }
}
