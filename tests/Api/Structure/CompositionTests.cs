using System.Net;
using System.Net.Http.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Modular.Host;
using Modular.Host.Experiments;
using Modular.Host.Lifetime;
using Modular.Host.Startup;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Settings;
using Modular.Tests.Api.Support;
using Modular.Users.Contracts;
using Npgsql;

namespace Modular.Tests.Api.Structure;

/// <summary>Servers put together in other ways than the usual one.</summary>
[Collection(SharedApi.Name)]
public sealed class CompositionTests(ModularApi api) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-composition-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_server_works_without_any_experiment()
    {
        await using var server = await ServeAsync(ModuleCatalog.Core);
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);

        await (await client.GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync("/api/v2/audit")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("[]", (await (await client.GetAsync("/api/v2/experiments")).Content.ReadAsStringAsync()).Trim());
        await (await client.GetAsync("/api/experimental/users/me/skills")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        await (await client.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { scopes = new[] { "user_skill:read" } }))
            .ShouldRefuseAsync(HttpStatusCode.BadRequest, "scopes");
        Assert.DoesNotContain("user_skills", await server.SchemasAsync());
    }

    [Fact]
    public async Task A_subscriber_that_throws_undoes_everything()
    {
        await using var server = await ServeAsync([.. ModuleCatalog.All, new SabotageModule()]);
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        var created = await client.PostAsJsonAsync(
            "/api/v2/users", new { username = "bob", email = "bob@example.com", password = ModularApi.Password, organization_ids = new[] { organization } });
        await created.ShouldBeAsync(HttpStatusCode.Created);
        var login = await server.Client().PostAsJsonAsync("/api/v2/users/login", new { email = "bob@example.com", password = ModularApi.Password });
        var session = (await login.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("session_token").GetString()!;

        using var refused = await client.DeleteAsync("/api/v2/users/bob");
        var body = await refused.ShouldBeAsync(HttpStatusCode.InternalServerError);

        Assert.Contains(refused.Headers.GetValues("X-Request-Id").Single(), body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(SabotageModule.Secret, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await (await server.Client(session).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
        await (await client.GetAsync("/api/v2/users/bob")).ShouldBeAsync(HttpStatusCode.OK);
        var log = await (await client.GetAsync("/api/v2/audit?q=action:delete")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(0, log.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_route_that_does_not_say_who_may_call_it_stops_the_start()
    {
        await using var app = ModularServer.Build(["--ConnectionStrings:Modular", "Host=nowhere"], ModuleCatalog.All);
        app.RefuseOpenDoors();
        app.MapGet("/open-door", () => "come in");

        var refused = Assert.Throws<InvalidOperationException>(app.RefuseOpenDoors);

        Assert.Contains("/open-door", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Modular:Sessions:Duration", "soon")]
    [InlineData("Modular:Cookies:SameSite", "strict")]
    [InlineData("Modular:Tokens:MaxLifetime", "300000w")]
    [InlineData("Modular:AccessUrl", "example.com")]
    [InlineData("Modular:Hashing:Concurrency", "0")]
    [InlineData("Modular:Compatibility:ReportedVersion", "2.34")]
    [InlineData("Modular:Dormancy:After", "never")]
    [InlineData("Modular:Email:Smarthost", "mail.example.com")]
    public void A_setting_that_cannot_be_used_stops_the_start_by_its_name(string key, string value)
    {
        var refused = Assert.Throws<SettingException>(() => ModularServer.Build([$"--{key}", value], ModuleCatalog.All));

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_servers_may_start_at_once_on_an_empty_database()
    {
        var database = await api.NewDatabaseAsync();
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => ServeAsync(ModuleCatalog.All, database))));

        await Task.WhenAll(servers.Select(async server => await (await server.Client().GetAsync("/readyz")).ShouldBeAsync(HttpStatusCode.OK)));
        var (owner, _) = await ModularApi.SetUpAsync(servers[0].Client());
        await (await servers[1].Client(owner.Session).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.OK);
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_database_of_a_newer_program_stops_the_start()
    {
        var database = await api.NewDatabaseAsync();
        await (await ServeAsync(ModuleCatalog.All, database)).DisposeAsync();
        await using (var connection = new NpgsqlConnection(database.SetUp))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("insert into users.migrations values ('99990101000000_Later', '99')", connection);
            await command.ExecuteNonQueryAsync();
        }

        var refused = await Assert.ThrowsAsync<StartupException>(() => ServeAsync(ModuleCatalog.All, database));

        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    private async Task<ComposedServer> ServeAsync(IReadOnlyList<IModule> modules, TestDatabase? on = null)
    {
        var database = on ?? await api.NewDatabaseAsync();
        var app = ModularServer.Build([.. database.Arguments, "--urls", "http://127.0.0.1:0", "--MODULAR_DATA", folder.FullName, "--Logging:LogLevel:Default", "None"], modules);
        try
        {
            await app.Services.PrepareAsync(CancellationToken.None);
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new ComposedServer(app, database.SetUp);
    }

    private sealed class ComposedServer(WebApplication app, string connectionString) : IAsyncDisposable
    {
        public HttpClient Client(string? key = null)
        {
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(address) };
            if (key is not null)
            {
                client.DefaultRequestHeaders.Add("Coder-Session-Token", key);
            }

            return client;
        }

        public async Task<IReadOnlyList<string>> SchemasAsync()
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("select array_agg(nspname::text) from pg_namespace", connection);
            return (string[])(await command.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    /// <summary>Fails whenever it hears of a deletion.</summary>
    private sealed class SabotageModule : IModule
    {
        internal const string Secret = "the reason is nobody's business";

        public string Name => "Sabotage";

        public string Schema => "sabotage";

        public void AddServices(IServiceCollection services)
        {
            // Its subscriber is found in its assembly.
        }
    }

    private sealed class Saboteur : INotificationHandler<UserDeleted>
    {
        public Task Handle(UserDeleted notification, CancellationToken cancellationToken) => throw new InvalidOperationException(SabotageModule.Secret);
    }
}
