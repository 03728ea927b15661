using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Authentication;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>Users that a test makes without logging them in, and what it does to them below the API.</summary>
internal static class People
{
    /// <summary>A name that nobody else has.</summary>
    internal static string NewName(string prefix = "p") => prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>What creates an ordinary user; a test changes what it is about.</summary>
    internal static Dictionary<string, object?> Request(this ModularApi api, string? username = null)
    {
        username ??= NewName();
        return new()
        {
            ["username"] = username,
            ["email"] = $"{username}@example.com",
            ["password"] = ModularApi.Password,
            ["organization_ids"] = new[] { api.Organization },
        };
    }

    /// <summary>What creates a service account.</summary>
    internal static Dictionary<string, object?> ServiceAccount(this ModularApi api, string? username = null) => new()
    {
        ["username"] = username ?? NewName("s"),
        ["service_account"] = true,
        ["organization_ids"] = new[] { api.Organization },
    };

    /// <summary>Sends the request as the owner, or as somebody else.</summary>
    internal static Task<HttpResponseMessage> PostUserAsync(this ModularApi api, Dictionary<string, object?> request, ApiUser? by = null) =>
        api.As(by ?? api.Owner).PostAsJsonAsync("/api/v2/users", request);

    /// <summary>The user, as creation answers it; an imported one where the test says nothing of it.</summary>
    internal static async Task<JsonElement> CreateAsync(this ModularApi api, Dictionary<string, object?>? request = null)
    {
        if (request is null)
        {
            return await api.As(api.Owner).ReadAsync($"/api/v2/users/{await api.ImportUserAsync(NewName(), "dormant")}");
        }

        using var created = await api.PostUserAsync(request);
        return await created.ShouldBeAsync(HttpStatusCode.Created);
    }

    internal static Guid Id(this JsonElement user) => user.GetProperty("id").GetGuid();

    internal static string Text(this JsonElement json, string member) => json.GetProperty(member).GetString()!;

    /// <summary>A GET that succeeds.</summary>
    internal static async Task<JsonElement> ReadAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    internal static Task<HttpResponseMessage> LogInAsync(this HttpClient client, string email, string password = ModularApi.Password) =>
        client.PostAsJsonAsync("/api/v2/users/login", new { email, password });

    /// <summary>The log's entries, newest first, that the filter finds.</summary>
    internal static async Task<JsonElement[]> AuditAsync(this ModularApi api, string q)
    {
        var log = await api.As(api.Owner).ReadAsync($"/api/v2/audit?limit=1000&q={Uri.EscapeDataString(q)}");
        return [.. log.GetProperty("audit_logs").EnumerateArray()];
    }

    /// <summary>Changes rows below the API.</summary>
    internal static async Task ExecuteAsync(this ModularApi api, string sql, params object[] values)
    {
        await using var connection = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();

        // The server did not hear of it.
        api.Services.GetRequiredService<KeyCache>().ForgetEverything();
    }

    /// <summary>The status as both modules know it.</summary>
    internal static async Task SetStatusAsync(this ModularApi api, Guid user, string status)
    {
        await api.ExecuteAsync("update users.users set status = $2 where id = $1", user, status);
        await api.ExecuteAsync("update api_keys.owners set status = $2 where user_id = $1", user, status);
    }

    /// <summary>Asks until it is so.</summary>
    internal static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
        {
            Assert.True(await timer.WaitForNextTickAsync(deadline.Token));
        }
    }
}
