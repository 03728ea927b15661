using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Host;
using Modular.SharedKernel.Modules;
using Npgsql;

namespace Modular.Tests.Api.Support;

/// <summary>
/// The whole server on a real port and a real database of its own, shared by the tests of a run. It offers what people do, not
/// what is inside; tests make their own users, so nothing is cleaned between them.
/// </summary>
public sealed class ModularApi : IAsyncLifetime
{
    /// <summary>Every user's that a test makes without saying another one.</summary>
    public const string Password = "SomeSecurePassword!";

    /// <summary>What a server stores of it.</summary>
    private static readonly string passwordHash = OldHash.Of(Password, memoryKiB: 19_456, passes: 2);

    /// <summary>Of all clients: most of them send one request, and connecting anew for each takes longer than that.</summary>
    private static readonly SocketsHttpHandler network = new() { UseCookies = false, AllowAutoRedirect = false };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modular-api-");
    private OwnPostgres? postgres;
    private Server? server;

    /// <summary>The first user, with the role owner.</summary>
    public ApiUser Owner { get; private set; } = null!;

    /// <summary>The organization that everybody is put into.</summary>
    public Guid Organization { get; private set; }

    /// <summary>Where the server listens.</summary>
    public Uri Address => server!.ClientOptions.BaseAddress;

    /// <summary>For what a test does below the API, as the superuser.</summary>
    internal string ConnectionString => Database.SetUp;

    internal TestDatabase Database => server!.Database;

    /// <summary>What was sent to the database, and by which module.</summary>
    internal SqlWatch Sql { get; } = new();

    internal IServiceProvider Services => server!.Services;

    public async Task InitializeAsync()
    {
        postgres = await OwnPostgres.StartAsync();
        server = new Server(await postgres.NewMigratedDatabaseAsync(), Sql, folder, []);
        server.StartServer();
        (Owner, Organization) = await SetUpAsync(Anonymous);
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        if (postgres is not null)
        {
            await postgres.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }

    /// <summary>A client that presents nothing and keeps no cookies.</summary>
    public HttpClient Anonymous => ClientOf(Address);

    /// <summary>A client that presents the user's session in a header.</summary>
    public HttpClient As(ApiUser user) => WithKey(user.Session);

    /// <summary>A client that presents a key in a header.</summary>
    public HttpClient WithKey(string key)
    {
        var client = Anonymous;
        client.DefaultRequestHeaders.Add("Coder-Session-Token", key);
        return client;
    }

    /// <summary>A new user with a session, both made by the owner and without a password that has to be hashed: what takes longest about a user.</summary>
    public async Task<ApiUser> RegisterUserAsync(params string[] roles)
    {
        var username = "u" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        var id = await ImportUserAsync(username, "active", roles);
        using var made = await As(Owner).PostAsync($"/api/v2/users/{id}/keys", null);
        var session = await made.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        return new ApiUser(id, username, session.GetProperty("key").GetString()!);
    }

    /// <summary>A new user that was created and has logged in, for tests that are about what comes of it.</summary>
    internal async Task<ApiUser> RegisterAndLogInAsync(params string[] roles)
    {
        var username = "u" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        using var created = await As(Owner).PostAsJsonAsync(
            "/api/v2/users",
            new { email = $"{username}@example.com", username, password = Password, organization_ids = new[] { Organization }, roles });
        var user = await created.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        return await LogInAsync(user.GetProperty("id").GetGuid(), username);
    }

    /// <summary>A new user, imported with a hash of <see cref="Password"/>.</summary>
    internal async Task<Guid> ImportUserAsync(string username, string status, params string[] roles)
    {
        var row = new { email = $"{username}@example.com", username, user_status = status, password_hash = passwordHash, roles };
        using var file = new StringContent(JsonSerializer.Serialize(row), Encoding.UTF8, "application/x-ndjson");
        using var answer = await As(Owner).PostAsync("/api/v2/users/import", file);
        var line = (await answer.Content.ReadAsStringAsync()).Split('\n')[0];
        Assert.Contains("\"created\"", line, StringComparison.Ordinal);
        return JsonDocument.Parse(line).RootElement.GetProperty("user_id").GetGuid();
    }

    /// <summary>Another session of a user that exists.</summary>
    public async Task<ApiUser> LogInAsync(Guid id, string username, string password = Password)
    {
        using var login = await Anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = $"{username}@example.com", password });
        var session = await login.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        return new ApiUser(id, username, session.GetProperty("session_token").GetString()!);
    }

    /// <summary>A token of the user; <paramref name="request"/> is the body of its creation.</summary>
    public async Task<string> MakeTokenAsync(ApiUser user, object? request = null)
    {
        using var made = await As(user).PostAsJsonAsync("/api/v2/users/me/keys/tokens", request ?? new { });
        return (await made.ShouldBeAsync(System.Net.HttpStatusCode.Created)).GetProperty("key").GetString()!;
    }

    /// <summary>Switches an experiment for everybody, as an operator does.</summary>
    public async Task TurnAsync(string experiment, bool on)
    {
        using var switched = await As(Owner).PutAsJsonAsync($"/api/v2/features/{experiment}", new { enabled = on });
        await switched.ShouldBeAsync(System.Net.HttpStatusCode.OK);
    }

    /// <summary>
    /// Another server, on a database of its own, on this one's, on that of one <paramref name="beside"/> it or on that of a PostgreSQL of its
    /// own, with its own settings (<c>Modular:…</c>), and a module more.
    /// </summary>
    internal async Task<OtherServer> StartAnotherAsync(
        Dictionary<string, string?>? settings = null, bool sameDatabase = false, IModule? module = null, OwnPostgres? on = null, OtherServer? beside = null) =>
        StartOn(beside?.Database ?? on?.Database ?? (sameDatabase ? Database : await postgres!.NewMigratedDatabaseAsync()), settings, module);

    /// <summary>Another server, on a database as the test reaches it.</summary>
    internal OtherServer StartOn(TestDatabase database, Dictionary<string, string?>? settings = null, IModule? module = null)
    {
        var sql = new SqlWatch();
        var other = new Server(database, sql, folder, settings ?? [], module);
        other.StartServer();
        return new OtherServer(other, sql, other.Database);
    }

    /// <summary>A connection of the test's own, below the API.</summary>
    internal async Task<NpgsqlConnection> OpenDatabaseAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Makes the first user of a fresh server.</summary>
    internal static async Task<(ApiUser Owner, Guid Organization)> SetUpAsync(HttpClient anonymous)
    {
        using var first = await anonymous.PostAsJsonAsync(
            "/api/v2/users/first", new { email = "owner@example.com", username = "owner", password = Password });
        var created = await first.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        using var login = await anonymous.PostAsJsonAsync("/api/v2/users/login", new { email = "owner@example.com", password = Password });
        var session = await login.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        return (
            new ApiUser(created.GetProperty("user_id").GetGuid(), "owner", session.GetProperty("session_token").GetString()!),
            created.GetProperty("organization_id").GetGuid());
    }

    private static HttpClient ClientOf(Uri address) =>
        new(new DescribedAnswers(network), disposeHandler: false) { BaseAddress = address };

    /// <summary>An empty database.</summary>
    internal Task<TestDatabase> NewDatabaseAsync() => postgres!.NewDatabaseAsync();

    /// <summary>A further server of a test, with a client for it.</summary>
    internal sealed class OtherServer(WebApplicationFactory<HostModule> factory, SqlWatch sql, TestDatabase database) : IAsyncDisposable
    {
        internal Uri Address => factory.ClientOptions.BaseAddress;

        internal IServiceProvider Services => factory.Services;

        internal SqlWatch Sql => sql;

        internal TestDatabase Database => database;

        /// <summary>For what a test does below the API, as the superuser.</summary>
        internal string ConnectionString => database.SetUp;

        internal HttpClient Client(string? key = null)
        {
            var client = ClientOf(Address);
            if (key is not null)
            {
                client.DefaultRequestHeaders.Add("Coder-Session-Token", key);
            }

            return client;
        }

        public ValueTask DisposeAsync() => factory.DisposeAsync();
    }

    private sealed class Server : WebApplicationFactory<HostModule>
    {
        private readonly SqlWatch sql;
        private readonly DirectoryInfo folder;
        private readonly Dictionary<string, string?> settings;
        private readonly IModule? module;

        internal Server(TestDatabase database, SqlWatch sql, DirectoryInfo folder, Dictionary<string, string?> settings, IModule? module = null)
        {
            this.module = module;
            Database = database;
            this.sql = sql;
            this.folder = folder;
            this.settings = settings;
            UseKestrel(0);
        }

        internal TestDatabase Database { get; }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("ConnectionStrings:Modular", Database.Serving);
            builder.UseSetting("ConnectionStrings:ModularAdmin", Database.Owner);
            builder.UseSetting("MODULAR_DATA", folder.FullName);

            // All tests come from one address, more often than people do. Those of the limits set them.
            foreach (var limit in (string[])["Api", "Login", "SkillWrites", "SshKeys"])
            {
                builder.UseSetting($"Modular:RateLimits:{limit}", "0");
            }

            builder.UseSetting("Modular:Limits:StreamsPerUser", "1000");
            builder.UseSetting("Modular:Limits:Connections", "0");
            builder.UseSetting("Modular:Limits:ConnectionsPerAddress", "0"); // Each user of a test is a client with connections of its own.
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureLogging(logging => logging.ClearProviders());
            builder.ConfigureTestServices(sql.Attach);
            if (module is not null)
            {
                builder.ConfigureTestServices(services => services.AddSingleton(module));
            }
        }
    }
}

/// <summary>A user that a test made, and a session of it.</summary>
public sealed record ApiUser(Guid Id, string Username, string Session);

/// <summary>Shares one <see cref="ModularApi"/> among the test classes that name it.</summary>
[CollectionDefinition(Name)]
public sealed class SharedApi : ICollectionFixture<ModularApi>
{
    public const string Name = "api";
}

/// <summary>A server and a database of their own for the other half of the classes, so that the two halves run beside each other.</summary>
[CollectionDefinition(Name)]
public sealed class SecondApi : ICollectionFixture<ModularApi>
{
    public const string Name = "second api";
}
