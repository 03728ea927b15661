using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Host;
using Modular.Host.Lifetime;
using Modular.Host.Persistence;
using Modular.Host.Startup;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Structure;

/// <summary>Connection strings that a server can work with, and those that it refuses to start on.</summary>
[Collection(SharedApi.Name)]
public sealed class RolesAndSessionsTests(ModularApi api) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-roles-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public async Task One_role_for_both_is_warned_of(bool oneRole, bool givenTwice, bool warned)
    {
        var database = await api.NewDatabaseAsync();
        string[] arguments = oneRole
            ? ["--ConnectionStrings:Modular", database.Owner, .. givenTwice ? (string[])["--ConnectionStrings:ModularAdmin", database.Owner] : []]
            : database.Arguments;

        var warnings = await StartAsync(arguments);

        Assert.Equal(warned, warnings.Any(warning => warning.Contains("ConnectionStrings__ModularAdmin", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_serving_role_that_can_become_the_owner_is_warned_of()
    {
        var database = await api.NewDatabaseAsync();

        var warnings = await StartAsync((database with { Serving = database.SetUp }).Arguments);

        Assert.Single(warnings, warning => warning.Contains("can act as the owner", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_databases_are_refused()
    {
        var database = await api.NewDatabaseAsync();
        var other = await api.NewDatabaseAsync();

        await RefusesAsync((database with { Owner = other.Owner }).Arguments, "name different databases");
    }

    [Fact]
    public async Task An_owner_that_does_not_own_is_refused()
    {
        var database = await api.NewDatabaseAsync();

        await RefusesAsync(["--ConnectionStrings:Modular", database.Serving], "ConnectionStrings__ModularAdmin");
    }

    [Fact]
    public async Task An_owner_alone_is_refused()
    {
        await using var app = ModularServer.Build(
            ["--ConnectionStrings:ModularAdmin", api.Database.Owner, "--MODULAR_DATA", folder.FullName, "--Logging:LogLevel:Default", "None"], ModuleCatalog.All);

        var refused = await Assert.ThrowsAsync<StartupException>(
            () => app.Services.GetRequiredService<ModularDatabase>().StartAsync(CancellationToken.None));

        Assert.Contains("set both", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transaction", "server_round_robin = 0", "ConnectionStrings__Modular")]
    [InlineData("transaction", "server_round_robin = 1", "ConnectionStrings__Modular")]
    [InlineData("transaction", "default_pool_size = 1", "ConnectionStrings__Modular")]
    [InlineData("statement", "server_round_robin = 0", "ConnectionStrings__Modular")]
    public async Task A_pooler_without_sessions_is_refused(string mode, string setting, string named)
    {
        var database = await api.NewDatabaseAsync();
        await using var pooler = await Pooler.StartAsync(database, mode, setting, "min_pool_size = 3");

        await RefusesAsync(pooler.Database.Arguments, $"{named} leads to a pooler");
        await RefusesAsync((database with { Serving = pooler.Database.Serving }).Arguments, $"{named} leads to a pooler");
        await RefusesAsync((database with { Owner = pooler.Database.Owner }).Arguments, $"{named}Admin leads to a pooler");
        await RefusesAsync(["--ConnectionStrings:Modular", pooler.Database.Owner], $"{named} leads to a pooler");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_pooler_that_gives_each_session_in_its_turn_is_refused(int sessions)
    {
        var database = await api.NewDatabaseAsync();
        await using var pooler = await Pooler.StartAsync(database, "transaction", "server_round_robin = 1");
        await using (var others = NpgsqlDataSource.Create(pooler.Database.Serving))
        {
            // Transactions that are open at once make it open as many sessions.
            var open = new List<NpgsqlConnection>();
            foreach (var _ in Enumerable.Range(0, sessions))
            {
                open.Add(await others.OpenConnectionAsync());
                await using var begin = new NpgsqlCommand("begin; select 1", open[^1]);
                await begin.ExecuteNonQueryAsync();
            }

            foreach (var connection in open)
            {
                await connection.DisposeAsync();
            }
        }

        await RefusesAsync((database with { Serving = pooler.Database.Serving }).Arguments, "leads to a pooler");
    }

    [Fact]
    public async Task A_pooler_without_sessions_is_refused_while_others_use_it()
    {
        var database = await api.NewDatabaseAsync();
        await using var pooler = await Pooler.StartAsync(database, "transaction", "default_pool_size = 6");
        using var enough = new CancellationTokenSource();
        var others = Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var busy = NpgsqlDataSource.Create(pooler.Database.Serving);
            while (!enough.IsCancellationRequested)
            {
                await using var work = busy.CreateCommand("select count(*) from generate_series(1, 1000)");
                await work.ExecuteScalarAsync();
            }
        }).ToArray();

        await RefusesAsync(pooler.Database.Arguments, "leads to a pooler");

        await enough.CancelAsync();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task A_pooler_of_sessions_is_as_good_as_the_database()
    {
        await using var pooler = await Pooler.StartAsync(await api.NewDatabaseAsync(), "session", "default_pool_size = 50");
        await using var server = api.StartOn(pooler.Database);
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        await (await client.GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.PostAsync("/api/v2/users/logout", null)).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
    }

    private async Task RefusesAsync(string[] arguments, string because)
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() => StartAsync(arguments));

        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Makes the database ready for a server, and says what was warned of.</summary>
    private async Task<IReadOnlyCollection<string>> StartAsync(string[] arguments)
    {
        using var warnings = new Warnings();
        await using var app = ModularServer.Build([.. arguments, "--MODULAR_DATA", folder.FullName, "--Logging:Console:LogLevel:Default", "None"], ModuleCatalog.All);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(warnings);
        await app.Services.PrepareAsync(CancellationToken.None);
        return warnings.Texts;
    }

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        internal ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Texts.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
