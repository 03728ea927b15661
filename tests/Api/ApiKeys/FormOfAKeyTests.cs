using System.Net;
using System.Security.Cryptography;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>What a key looks like, what is stored of it and how it is shown: keys-audit-preferences.md 2.1, 2.2, 3.1, 3.6.</summary>
[Collection(SharedApi.Name)]
public sealed class FormOfAKeyTests(ModularApi api)
{
    private static readonly string[] fields =
    [
        "allow_list", "created_at", "expires_at", "id", "last_used", "lifetime_seconds", "login_type", "scope", "scopes", "token_name",
        "updated_at", "user_id",
    ];

    [Fact]
    public async Task Is_ten_public_and_twenty_two_secret_characters_around_a_hyphen()
    {
        var user = await api.RegisterUserAsync();
        Assert.Matches("^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$", user.Session);
        Assert.Matches("^[A-Za-z0-9]{10}-[A-Za-z0-9]{22}$", await api.MakeTokenAsync(user));
    }

    [Fact]
    public async Task Only_the_hash_of_the_secret_alone_is_stored()
    {
        var user = await api.RegisterUserAsync();
        foreach (var key in new[] { user.Session, await api.MakeTokenAsync(user) })
        {
            await using var connection = await api.OpenDatabaseAsync();
            await using var command = new NpgsqlCommand("select hashed_secret, k::text from api_keys.keys k where id = $1", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = Tokens.IdOf(key) });
            await using var row = await command.ExecuteReaderAsync();
            Assert.True(await row.ReadAsync());
            Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(key[11..])), row.GetFieldValue<byte[]>(0));
            Assert.DoesNotContain(key[11..], row.GetString(1), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_asked_for_nothing_has_the_defaults()
    {
        var user = await api.RegisterUserAsync();
        var made = await api.MakeTokenAsync(user);
        var key = await api.As(user).ReadAsync($"/api/v2/users/me/keys/{Tokens.IdOf(made)}");

        Assert.Equal(fields, key.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal((Tokens.IdOf(made), user.Id), (key.Text("id"), key.GetProperty("user_id").GetGuid()));
        Assert.Equal(("token", "all", "0001-01-01T00:00:00Z"), (key.Text("login_type"), key.Text("scope"), key.Text("last_used")));
        Assert.Equal(["coder:all"], key.Texts("scopes"));
        Assert.Equal(["*:*"], key.AllowList());
        Assert.Equal(604_800, key.GetProperty("lifetime_seconds").GetInt64());
        Assert.Equal(TimeSpan.FromDays(7), key.Time("expires_at") - key.Time("created_at"));
        Assert.Equal(key.Text("created_at"), key.Text("updated_at"));
    }

    [Fact]
    public async Task A_login_key_is_named_by_nothing_and_bound_by_nothing()
    {
        var user = await api.RegisterAndLogInAsync();
        var key = await api.As(user).ReadAsync($"/api/v2/users/me/keys/{Tokens.IdOf(user.Session)}");

        Assert.Equal(("password", "", "all"), (key.Text("login_type"), key.Text("token_name"), key.Text("scope")));
        Assert.Equal(["coder:all"], key.Texts("scopes"));
        Assert.Equal(["*:*"], key.AllowList());
        Assert.Equal(86_400, key.GetProperty("lifetime_seconds").GetInt64());
        Assert.Equal(TimeSpan.FromDays(1), key.Time("expires_at") - key.Time("created_at"));
    }

    [Fact]
    public async Task An_expired_key_can_be_read()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user);
        await api.ExecuteAsync("update api_keys.keys set expires_at = now() - interval '1 hour' where id = $1", Tokens.IdOf(token));
        var key = await api.As(user).ReadAsync($"/api/v2/users/me/keys/{Tokens.IdOf(token)}");
        Assert.True(key.Time("expires_at") < TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task A_key_need_not_belong_to_the_user_of_the_path()
    {
        var (one, other) = (await api.RegisterUserAsync(), await api.RegisterUserAsync());
        var token = Tokens.IdOf(await api.MakeTokenAsync(one));
        foreach (var user in new[] { "me", $"{other.Id}", one.Username })
        {
            var key = await api.As(api.Owner).ReadAsync($"/api/v2/users/{user}/keys/{token}");
            Assert.Equal(one.Id, key.GetProperty("user_id").GetGuid());
        }

        using var nobody = await api.As(api.Owner).GetAsync($"/api/v2/users/nobody-of-that-name/keys/{token}");
        await nobody.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("AAAAAAAAAA")]
    [InlineData("short")]
    [InlineData("much-longer-than-any-id-of-a-key")]
    [InlineData("%27%3B--")]
    public async Task An_unknown_id_of_any_form_is_404(string id)
    {
        using var answer = await api.As(api.Owner).GetAsync($"/api/v2/users/me/keys/{id}");
        await answer.ShouldRefuseAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_unknown_and_an_unreadable_key_are_told_apart_by_nothing()
    {
        var user = await api.RegisterUserAsync();
        var other = await api.RegisterUserAsync();
        var unreadable = await api.As(user).GetAsync($"/api/v2/users/me/keys/{Tokens.IdOf(other.Session)}");
        var unknown = await api.As(user).GetAsync("/api/v2/users/me/keys/AAAAAAAAAA");
        await unreadable.ShouldRefuseAsync(HttpStatusCode.NotFound);
        Assert.Equal(await unknown.Content.ReadAsStringAsync(), await unreadable.Content.ReadAsStringAsync());
    }
}
