using Modular.Host.Experiments;
using Modular.Host.Persistence;
using Modular.Host.Plugins;
using Modular.Host.Server;
using Modular.SharedKernel.Web;

namespace Modular.Host.Startup;

/// <summary>Tells the person who started the server where it is and what to do next.</summary>
internal static class Announcement
{
    internal static void AnnounceWhenStarted(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        app.Services.GetRequiredService<FeatureStore>().Report();
        app.Services.GetService<PluginSet>()?.Report(app.Services.GetRequiredService<ILogger<PluginSet>>());
        var url = app.Services.GetRequiredService<IAccessUrl>().Value;
        var data = app.Services.GetRequiredService<ModularDatabase>().DataFolder;
        Console.WriteLine(
            $"""

            Modular {ServerSettings.OwnVersion} is running.
              Address    {url}
              API docs   {url}/docs
              Data       {data ?? "in the database that ConnectionStrings__Modular names"}
              Next step  create the first user, an owner, unless there is one: POST {url}/api/v2/users/first (the README shows how)
              Stop it with Ctrl-C.

            """);
    });
}
