using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.ApiKeys;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.Audit;

/// <summary>A change and its entry commit together or not at all: keys-audit-preferences.md 6.2.</summary>
[Collection(SharedApi.Name)]
public sealed class AChangeAndItsEntryTests(ModularApi api)
{
    private const string Refuses = """
        create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused by the test'; end $$;
        """;

    [Fact]
    public async Task Where_the_entry_cannot_be_written_nothing_changes()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        var (owner, organization) = await ModularApi.SetUpAsync(other.Client());
        var client = other.Client(owner.Session);
        using var created = await client.PostAsJsonAsync("/api/v2/users", User("victim"));
        var victim = (await created.ShouldBeAsync(HttpStatusCode.Created)).Id();
        var token = await client.MakeTokenAsync(Tokens.Request(name: "stays"));
        await ExecuteAsync(
            other, Refuses + "create trigger refuse before insert on audit.entries for each row execute function public.refuse();");

        await AssertFailsAsync(client.PostAsJsonAsync("/api/v2/users", User("never")));
        await AssertFailsAsync(client.DeleteAsync($"/api/v2/users/{victim}"));
        await AssertFailsAsync(client.AskForTokenAsync(Tokens.Request(name: "never")));
        await AssertFailsAsync(client.DeleteAsync($"/api/v2/users/me/keys/{Tokens.IdOf(token)}"));
        await AssertFailsAsync(other.Client(token).PostAsync("/api/v2/users/logout", null));
        await AssertFailsAsync(client.PutAsJsonAsync("/api/v2/features/user-skills", new { enabled = false }));
        await AssertFailsAsync(client.PostAsJsonAsync("/api/experimental/users/me/skills", new { content = "---\nname: never\n---\nx\n" }));
        var keys = await CountAsync(other, "select count(*) from api_keys.keys");
        await AssertFailsAsync(other.Client().LogInAsync("owner@example.com"));

        Assert.Equal(keys, await CountAsync(other, "select count(*) from api_keys.keys"));
        Assert.Equal(2, (await client.ReadAsync("/api/v2/users")).Number("count"));
        Assert.Equal(["stays"], await client.TokenNamesAsync());
        await other.Client(token).ReadAsync("/api/v2/users/me");
        Assert.True((await client.ReadAsync("/api/v2/features/user-skills")).GetProperty("enabled").GetBoolean());
        Assert.Empty((await client.ReadAsync("/api/experimental/users/me/skills")).EnumerateArray());

        object User(string name) => new
        {
            username = name,
            email = $"{name}@example.com",
            password = ModularApi.Password,
            organization_ids = new[] { organization },
        };
    }

    [Fact]
    public async Task Where_the_change_cannot_be_committed_there_is_no_entry()
    {
        await using var other = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(other.Client());
        await ExecuteAsync(
            other,
            Refuses + "create constraint trigger refuse after insert on api_keys.keys deferrable initially deferred for each row execute function public.refuse();");
        var before = await CountAsync(other, "select count(*) from audit.entries");

        await AssertFailsAsync(other.Client(owner.Session).AskForTokenAsync(new { }));

        Assert.Equal(before, await CountAsync(other, "select count(*) from audit.entries"));
    }

    private static async Task AssertFailsAsync(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        var body = await answer.ShouldBeAsync(HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("refused by the test", body.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(ModularApi.OtherServer server, string sql)
    {
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(ModularApi.OtherServer server, string sql)
    {
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
