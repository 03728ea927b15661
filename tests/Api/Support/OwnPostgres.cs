using Microsoft.Extensions.Logging.Abstractions;
using Modular.Host.Database;

namespace Modular.Api.Support;

/// <summary>A PostgreSQL of the test's own, which it can also stop.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly BuiltInPostgres postgres;
    private bool stopped;

    private OwnPostgres(DirectoryInfo folder, BuiltInPostgres postgres) => (this.folder, this.postgres) = (folder, postgres);

    internal string ConnectionString => postgres.ConnectionString;

    internal static async Task<OwnPostgres> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("modular-api-");

        // The database's account passes through it.
        folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return new OwnPostgres(
            folder, await BuiltInPostgres.StartAsync(folder.FullName, NullLogger<BuiltInPostgres>.Instance, TimeProvider.System, CancellationToken.None));
    }

    /// <summary>From now on it is away.</summary>
    internal async Task StopAsync()
    {
        if (!stopped)
        {
            stopped = true;
            await postgres.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }
}
