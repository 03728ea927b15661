using System.Net;

namespace Modular.Tests.Operations.Plugins;

/// <summary>What one plug-in, alone with a server, can do to its start.</summary>
public sealed class PluginsAtStartTests : IDisposable
{
    private readonly DirectoryInfo folder = DataFolder.Make();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task What_fails_its_trial_reacts_to_nothing()
    {
        await folder.FillAsync();
        const string plugin = "OpenDoor"; // The server begins only once with it; what was left in its services would stay there.
        BrokenPlugins.All[plugin].Drop(plugin, folder);

        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();
        var (session, _) = await ServerProcess.SetUpAsync(client);
        client.DefaultRequestHeaders.Add("Coder-Session-Token", session);

        await BrokenPluginsTests.DeletesAUserAsync(client);
        await server.SaysAsync($"The plug-in {plugin} is left off: ");
    }

    [Fact]
    public async Task What_cannot_be_told_apart_is_left_off_together()
    {
        await folder.FillAsync();
        PluginFolder.DropNotes(folder);
        (new PluginText("Nasty") with
        {
            Mapping = """
                app.ServiceProvider.GetRequiredService<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>>()
                    .Value.ConfigureEndpointDefaults(_ => throw new InvalidOperationException("in the options"));
                """,
        }).Drop(folder);

        await using var server = ServerProcess.Start(folder.FullName);
        using var client = await server.ReadyAsync();

        foreach (var plugin in (string[])["Nasty", "Notes"])
        {
            await server.SaysAsync($"The plug-in {plugin} is left off: the server does not start with the plug-ins it has: in the options");
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
    }

    /// <summary>Nothing but the plug-in's own code is in its way, so a short time is enough to see that it does not come back.</summary>
    [Fact]
    public async Task What_never_comes_back_is_left_off()
    {
        await folder.FillAsync();
        const string forever = "Thread.Sleep(Timeout.Infinite);";
        (new PluginText("StuckInConstructor") with { Constructor = forever }).Drop(folder);
        (new PluginText("StuckInServices") with { Services = forever }).Drop(folder);
        (new PluginText("StuckInWorker") with
        {
            Services = "services.AddHostedService<Worker>();",
            More = BrokenPlugins.Worker($"{forever} return Task.CompletedTask;"),
        }).Drop(folder);

        await using var server = ServerProcess.Start(folder.FullName, ("Modular__Plugins__Patience", "3s"));
        using var client = await server.ReadyAsync();

        await server.SaysAsync("The plug-in StuckInConstructor is left off: its entry class cannot be made: it does not come back within 3 seconds");
        await server.SaysAsync("The plug-in StuckInServices is left off: its services cannot be registered: it does not come back within 3 seconds");
        await server.SaysAsync("The plug-in StuckInWorker is left off: Worker fails to start");
    }
}
