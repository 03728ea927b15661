using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Modular.Tests.Api.Audit;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.Preferences;

/// <summary>The key that a user's Git works with: there from the beginning, replaced at once, its private half encrypted.</summary>
[Collection(SharedApi.Name)]
public sealed class GitSshKeyTests(ModularApi api)
{
    private const string Mine = "/api/v2/users/me/gitsshkey";
    private const string Purpose = "Modular.Preferences.GitSshKey";

    [Fact]
    public async Task A_new_user_has_one_from_the_same_transaction_on()
    {
        var user = await api.CreateAsync(api.Request());
        Assert.Equal(user.GetProperty("created_at").GetDateTimeOffset(), (await StoredAsync(user.Id()))!.CreatedAt);

        var key = await api.As(api.Owner).ReadAsync(Of(user.Id()));
        Assert.Equal(["user_id", "created_at", "updated_at", "public_key"], key.EnumerateObject().Select(member => member.Name));
        Assert.Equal(user.Id(), key.GetProperty("user_id").GetGuid());
        Assert.Equal(key.Text("created_at"), key.Text("updated_at"));
        Assert.Matches(@"\Assh-ed25519 [A-Za-z0-9+/=]+\n\z", key.Text("public_key"));
        Assert.Equal(key.ToString(), (await api.As(api.Owner).ReadAsync(Of(user.Id()))).ToString());
    }

    [Fact]
    public async Task A_service_account_and_the_first_user_have_one_too()
    {
        var account = await api.CreateAsync(api.ServiceAccount());
        Assert.NotNull(await StoredAsync(account.Id()));
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        Assert.NotNull(await StoredAsync(owner.Id, server.ConnectionString));
    }

    [Theory]
    [InlineData("ecdsa", "ecdsa-sha2-nistp256")]
    [InlineData("rsa4096", "ssh-rsa")]
    public async Task Operators_choose_the_algorithm_of_keys_made_from_then_on(string algorithm, string type)
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:SshKeys:Algorithm"] = algorithm });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        Assert.StartsWith($"{type} ", (await server.Client(owner.Session).ReadAsync(Mine)).Text("public_key"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_imported_user_gets_one_when_somebody_first_asks_and_all_who_ask_at_once_the_same()
    {
        var name = People.NewName();
        using var file = new StringContent(JsonSerializer.Serialize(new { email = $"{name}@example.com", username = name }), System.Text.Encoding.UTF8, "application/x-ndjson");
        using var imported = await api.As(api.Owner).PostAsync("/api/v2/users/import", file);
        imported.EnsureSuccessStatusCode();
        var id = (await api.As(api.Owner).ReadAsync($"/api/v2/users/{name}")).Id();
        Assert.Null(await StoredAsync(id));

        var keys = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => api.As(api.Owner).ReadAsync(Of(id))));

        var key = Assert.Single(keys.Select(key => key.Text("public_key")).Distinct());
        Assert.Equal(key, (await StoredAsync(id))!.PublicKey);
    }

    [Fact]
    public async Task A_replaced_key_is_another_one_and_the_log_says_so_without_the_secret()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        var before = await client.ReadAsync(Mine);

        using var put = await client.PutAsync(Mine, null);
        var after = await put.ShouldBeAsync(HttpStatusCode.OK);

        Assert.NotEqual(before.Text("public_key"), after.Text("public_key"));
        Assert.Equal(before.Text("created_at"), after.Text("created_at"));
        Assert.True(after.GetProperty("updated_at").GetDateTimeOffset() > before.GetProperty("updated_at").GetDateTimeOffset());
        Assert.Equal(after.ToString(), (await client.ReadAsync(Mine)).ToString());
        var entry = Assert.Single(await api.AuditAsync($"resource_type:git_ssh_key resource_id:{user.Id}"));
        Assert.Equal("write", entry.Text("action"));
        Assert.Equal(after.Text("public_key"), entry.Text("resource_target"));
        var diff = entry.GetProperty("diff");
        Assert.Equal(["private_key", "public_key"], diff.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal((before.Text("public_key"), after.Text("public_key")), (diff.GetProperty("public_key").Text("old"), diff.GetProperty("public_key").Text("new")));
        Assert.Equal(("", "", true), (diff.GetProperty("private_key").Text("old"), diff.GetProperty("private_key").Text("new"), diff.GetProperty("private_key").GetProperty("secret").GetBoolean()));
    }

    /// <summary>Statuses of reading and replacing a member's and an owner's key.</summary>
    [Theory]
    [InlineData("owner", 200, 200, 200, 200)]
    [InlineData("user-admin", 200, 200, 200, 403)]
    [InlineData("auditor", 404, 403, 404, 403)]
    [InlineData("template-admin", 404, 403, 404, 403)]
    [InlineData(null, 404, 404, 404, 404)]
    public async Task Others_keys_are_for_those_who_may(string? role, int read, int write, int readOwners, int writeOwners)
    {
        var member = await api.CreateAsync();
        var owner = await api.CreateAsync(new(api.Request()) { ["roles"] = new[] { "owner" } });
        using var caller = api.As(await api.RegisterUserAsync(role is null ? [] : [role]));

        Assert.Equal(
            [read, write, readOwners, writeOwners],
            new[]
            {
                (await caller.GetAsync(Of(member.Id()))).StatusCode,
                (await caller.PutAsync(Of(member.Id()), null)).StatusCode,
                (await caller.GetAsync(Of(owner.Id()))).StatusCode,
                (await caller.PutAsync(Of(owner.Id()), null)).StatusCode,
            }.Select(status => (int)status));
    }

    [Fact]
    public async Task A_refused_replacement_leaves_an_entry_and_the_key()
    {
        var user = await api.RegisterUserAsync();
        var before = await api.As(user).ReadAsync(Mine);
        using var auditor = api.As(await api.RegisterUserAsync("auditor"));

        await (await auditor.PutAsync(Of(user.Id), null)).ShouldRefuseAsync(HttpStatusCode.Forbidden);

        Assert.Equal(before.ToString(), (await api.As(user).ReadAsync(Mine)).ToString());
        var entry = Assert.Single(await api.AuditAsync($"resource_type:git_ssh_key resource_id:{user.Id}"));
        Assert.Equal((403, "{}"), (entry.Number("status_code"), entry.GetProperty("diff").ToString()));
    }

    [Fact]
    public async Task Replacements_are_limited_per_hour_and_user()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:RateLimits:SshKeys"] = "2" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        using var client = server.Client(owner.Session);
        for (var i = 0; i < 2; i++)
        {
            await (await client.PutAsync(Mine, null)).ShouldBeAsync(HttpStatusCode.OK);
        }

        using var refused = await client.PutAsync(Mine, null);
        await refused.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(29), TimeSpan.FromHours(1));
        await (await client.GetAsync(Mine)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_private_half_is_encrypted_in_the_database_and_fits_the_public_one()
    {
        var user = await api.CreateAsync(api.Request());
        var stored = (await StoredAsync(user.Id()))!;

        Assert.DoesNotContain("PRIVATE KEY", stored.PrivateKey, StringComparison.Ordinal);
        var pem = api.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose).Unprotect(stored.PrivateKey);
        Assert.StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n", pem, StringComparison.Ordinal);
        var blob = Convert.FromBase64String(stored.PublicKey.Split(' ')[1]);
        Assert.True(Convert.FromBase64String(string.Concat(pem.Split('\n')[1..^2])).AsSpan().IndexOf(blob) > 0);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(
            () => api.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("another").Unprotect(stored.PrivateKey));
    }

    [Fact]
    public async Task Keys_of_the_protection_are_encrypted_and_what_former_ones_protect_stays_readable()
    {
        await using var server = await api.StartAnotherAsync();
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        var first = (await StoredAsync(owner.Id, server.ConnectionString))!;
        var keys = server.Services.GetRequiredService<IKeyManager>();
        var now = TimeProvider.System.GetUtcNow();
        var next = keys.CreateNewKey(now, now.AddDays(90));

        // Another server of the same database, with the same certificate, starts on the new key.
        await using var another = await api.StartAnotherAsync(beside: server);
        using var client = another.Client(owner.Session);
        await (await client.PutAsync(Mine, null)).ShouldBeAsync(HttpStatusCode.OK);
        var second = (await StoredAsync(owner.Id, server.ConnectionString))!;

        Assert.NotEqual(KeyOf(first.PrivateKey), KeyOf(second.PrivateKey));
        Assert.Equal(next.KeyId, KeyOf(second.PrivateKey));
        foreach (var (stored, reader) in new[] { (first, another.Services), (second, server.Services), (first, server.Services) })
        {
            Assert.Contains("PRIVATE KEY", reader.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose).Unprotect(stored.PrivateKey), StringComparison.Ordinal);
        }

        await using var database = new NpgsqlConnection(server.ConnectionString);
        await database.OpenAsync();
        await using var inClear = new NpgsqlCommand("select count(*) from host.protection_keys where xml not like '%EncryptedData%' or xml like '%masterKey%<value>%'", database);
        Assert.Equal(0L, await inClear.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Deleting_the_user_removes_it()
    {
        var user = await api.CreateAsync();
        await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id()}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Null(await StoredAsync(user.Id()));
    }

    private static string Of(Guid user) => $"/api/v2/users/{user}/gitsshkey";

    /// <summary>A protected text begins with four bytes of its own and the id of the key.</summary>
    private static Guid KeyOf(string protectedText) => new(System.Buffers.Text.Base64Url.DecodeFromChars(protectedText).AsSpan(4, 16));

    private async Task<StoredKey?> StoredAsync(Guid user, string? connectionString = null)
    {
        await using var database = connectionString is null ? await api.OpenDatabaseAsync() : new NpgsqlConnection(connectionString);
        if (connectionString is not null)
        {
            await database.OpenAsync();
        }

        await using var command = new NpgsqlCommand("select public_key, private_key, created_at from preferences.git_ssh_keys where user_id = $1", database)
        {
            Parameters = { new() { Value = user } },
        };
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new StoredKey(row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)) : null;
    }

    private sealed record StoredKey(string PublicKey, string PrivateKey, DateTimeOffset CreatedAt);
}
