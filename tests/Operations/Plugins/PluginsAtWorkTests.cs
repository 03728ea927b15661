using System.Diagnostics;
using System.Net;

namespace Modular.Tests.Operations.Plugins;

/// <summary>A server with a plug-in that was sound when it was tried.</summary>
public sealed class ServerWithTrouble : IAsyncLifetime
{
    private readonly DirectoryInfo folder = DataFolder.Make();
    private ServerProcess? server;

    internal HttpClient Owner { get; private set; } = null!;

    internal Task SaysAsync(string text) => server!.SaysAsync(text);

    public async Task InitializeAsync()
    {
        await folder.FillAsync();
        (new PluginText("Trouble") with
        {
            Services = "services.AddHostedService<Worker>();",
            More = $$"""
                class Worker(IHostApplicationLifetime lifetime) : BackgroundService
                {
                    protected override async Task ExecuteAsync(CancellationToken ct)
                    {
                        var started = new TaskCompletionSource();
                        lifetime.ApplicationStarted.Register(started.SetResult);
                        await started.Task;
                        throw new Unspeakable();
                    }
                }

                class TroubleRoute : ICarterModule
                {
                    private static Timer timer;

                    public void AddRoutes(IEndpointRouteBuilder app) => app.MapGet("/api/experimental/trouble/{kind}", (string kind) => Make(kind)).RequiresAnyKey();

                    private static void Make(string kind)
                    {
                        switch (kind)
                        {
                            case "timer": timer = new Timer(_ => throw new InvalidOperationException("thrown by a timer"), null, 0, Timeout.Infinite); break;
                            case "thread": new Thread(() => throw new InvalidOperationException("thrown by a thread")).Start(); break;
                            case "pool": ThreadPool.UnsafeQueueUserWorkItem(_ => throw new InvalidOperationException("thrown by the pool"), null); break;
                            case "void": Void(); break;
                            case "library": new Thread(() => ArgumentNullException.ThrowIfNull((object)null, "thrown by a library")).Start(); break;
                            case "unspeakable": new Thread(() => throw new Unspeakable()).Start(); break;
                            case "request": throw new Unspeakable();
                        }
                    }

                    private static async void Void()
                    {
                        await Task.Yield();
                        throw new InvalidOperationException("thrown by an async void");
                    }
                }

                {{BrokenPlugins.Unspeakable}}
                """,
        }).Drop(folder);
        server = ServerProcess.Start(folder.FullName, ("Modular__Experiments", "trouble"));
        Owner = await server.ReadyAsync();
        Owner.DefaultRequestHeaders.Add("Coder-Session-Token", (await ServerProcess.SetUpAsync(Owner)).Session);
    }

    public async Task DisposeAsync()
    {
        Owner?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}

/// <summary>What a plug-in throws while the server runs is its own failure, wherever it throws it.</summary>
public sealed class PluginsAtWorkTests(ServerWithTrouble server) : IClassFixture<ServerWithTrouble>
{
    [Fact]
    public async Task A_worker_that_fails_later_ends_alone()
    {
        await server.SaysAsync("Worker of the plug-in Trouble has failed");

        Assert.Equal("here", await server.Owner.GetStringAsync("/api/experimental/trouble/things"));
    }

    [Theory]
    [InlineData("timer", "thrown by a timer")]
    [InlineData("thread", "thrown by a thread")]
    [InlineData("pool", "thrown by the pool")]
    [InlineData("void", "thrown by an async void")]
    [InlineData("library", "thrown by a library")]
    [InlineData("unspeakable", "it throws something whose message cannot be read (Unspeakable)")]
    public async Task What_nothing_can_catch_ends_alone(string kind, string said)
    {
        using var answer = await server.Owner.GetAsync($"/api/experimental/trouble/{kind}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await server.SaysAsync("The plug-in Trouble has thrown where nothing could catch it");
        await server.SaysAsync(said);
        Assert.Equal("here", await server.Owner.GetStringAsync("/api/experimental/trouble/things"));
    }

    [Fact]
    public async Task A_request_that_fails_unspeakably_is_answered()
    {
        using var answer = await server.Owner.GetAsync("/api/experimental/trouble/request");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("Something went wrong on the server", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}

/// <summary>What a plug-in does not let go keeps neither the server nor its database.</summary>
public sealed class PluginsAtTheEndTests : IDisposable
{
    private static readonly TimeSpan fewMinutes = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo folder = DataFolder.Make();
    private readonly DirectoryInfo outside = Directory.CreateTempSubdirectory("modular-outside-");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        outside.Delete(recursive: true);
    }

    /// <summary>Who hears that a server stops is called one after another; one that does not come back keeps it from the others.</summary>
    [Theory]
    [InlineData(
        "here it holds nothing yet",
        """
        services.AddHostedService<Clinging>().AddHostedService<Late>().AddHostedService<Threaded>();
        services.AddSingleton<Lasting>().AddHostedService(provider => { provider.GetRequiredService<Lasting>(); return new Idle(); });
        """)]
    [InlineData("here it holds the start", "services.AddHostedService<Early>();")]
    public async Task The_server_ends_with_its_database(string when, string services)
    {
        await folder.FillAsync();
        (new PluginText("Clingy") with
        {
            Services = services,
            More = """
                class Idle : IHostedService
                {
                    public virtual Task StartAsync(CancellationToken ct) => Task.CompletedTask;
                    public virtual Task StopAsync(CancellationToken ct) => Task.CompletedTask;
                    protected static void Forever() => Thread.Sleep(Timeout.Infinite);
                }

                class Clinging : Idle { public override Task StopAsync(CancellationToken ct) { Forever(); return Task.CompletedTask; } }

                class Lasting : IDisposable { public void Dispose() => Thread.Sleep(Timeout.Infinite); }

                class Late(IHostApplicationLifetime lifetime) : Idle
                {
                    public override Task StartAsync(CancellationToken ct)
                    {
                        lifetime.ApplicationStarted.Register(() =>
                        {
                            lifetime.ApplicationStopping.Register(Forever);
                            Console.WriteLine("here it holds nothing yet");
                        });
                        return Task.CompletedTask;
                    }
                }

                class Early(IHostApplicationLifetime lifetime) : Idle
                {
                    public override Task StartAsync(CancellationToken ct)
                    {
                        lifetime.ApplicationStarted.Register(() => { Console.WriteLine("here it holds the start"); Forever(); });
                        return Task.CompletedTask;
                    }
                }

                class Threaded : Idle { public override Task StartAsync(CancellationToken ct) { new Thread(Forever).Start(); return Task.CompletedTask; } }
                """,
        }).Drop(folder);
        await using var server = ServerProcess.Start(folder.FullName);
        await server.SaysAsync(when);

        server.Signal("TERM");
        await server.EndedAsync(fewMinutes);

        Assert.Equal(0, server.ExitCode);
        Assert.Empty(folder.EnumerateFiles("postmaster.pid", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_worker_that_ends_the_server_is_not_kept_from_it()
    {
        await folder.FillAsync();
        (new PluginText("Ending") with
        {
            Services = "services.AddHostedService<Worker>();",
            More = """
                class Worker(IHostApplicationLifetime lifetime) : BackgroundService
                {
                    protected override async Task ExecuteAsync(CancellationToken ct)
                    {
                        await Task.Run(() => System.IO.File.ReadAllText(Environment.GetEnvironmentVariable("END_WHEN")), ct);
                        lifetime.ApplicationStopping.Register(() => Thread.Sleep(Timeout.Infinite));
                        lifetime.StopApplication();
                    }
                }
                """,
        }).Drop(folder);
        var told = Path.Combine(outside.FullName, "told");
        using (var pipe = Process.Start("mkfifo", [told]))
        {
            await pipe.WaitForExitAsync();
        }

        await using var server = ServerProcess.Start(folder.FullName, ("END_WHEN", told));
        using var client = await server.ReadyAsync();

        await File.WriteAllTextAsync(told, "");
        await server.EndedAsync(fewMinutes);

        Assert.Equal(0, server.ExitCode);
        Assert.Empty(folder.EnumerateFiles("postmaster.pid", SearchOption.AllDirectories));
    }
}
