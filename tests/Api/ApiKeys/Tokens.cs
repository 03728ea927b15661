using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>How tests make keys and look at them.</summary>
internal static class Tokens
{
    internal const string Mine = "/api/v2/users/me/keys/tokens";

    /// <summary>The part of a key that is no secret.</summary>
    internal static string IdOf(string key) => key[..10];

    /// <summary>A lifetime as the wire has it.</summary>
    internal static long Nanoseconds(TimeSpan lifetime) => lifetime.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The body that asks for a token; what is not given is left out.</summary>
    internal static Dictionary<string, object> Request(
        string[]? scopes = null, string[]? allowList = null, TimeSpan? lifetime = null, string? name = null)
    {
        var request = new Dictionary<string, object>();
        Add("scopes", scopes);
        Add("allow_list", allowList);
        Add("lifetime", lifetime is { } time ? Nanoseconds(time) : null);
        Add("token_name", name);
        return request;

        void Add(string member, object? value)
        {
            if (value is not null)
            {
                request[member] = value;
            }
        }
    }

    /// <summary>Asks for a token of the caller's own, or of somebody else's.</summary>
    internal static Task<HttpResponseMessage> AskForTokenAsync(this HttpClient client, object request, string user = "me") =>
        client.PostAsJsonAsync($"/api/v2/users/{user}/keys/tokens", request);

    /// <summary>The same with a body written by hand.</summary>
    internal static Task<HttpResponseMessage> AskForTokenAsync(this HttpClient client, string json) =>
        client.PostAsync(Mine, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>The secret text of a token that is made.</summary>
    internal static async Task<string> MakeTokenAsync(this HttpClient client, object request, string user = "me")
    {
        using var made = await client.AskForTokenAsync(request, user);
        return (await made.ShouldBeAsync(HttpStatusCode.Created)).Text("key");
    }

    /// <summary>A token of a new user, as it can be read afterwards.</summary>
    internal static async Task<JsonElement> NewTokenAsync(this ModularApi api, object request) =>
        await api.KeyAsync(await api.As(await api.RegisterUserAsync()).MakeTokenAsync(request));

    /// <summary>Many tokens, named n1 and so on; hundreds of them were made in the same moment.</summary>
    internal static Task StoreTokensAsync(this ModularApi api, ApiUser user, int count) => api.ExecuteAsync(
        """
        insert into api_keys.keys (id, hashed_secret, user_id, last_used, expires_at, created_at, updated_at, login_type, lifetime_seconds,
                                   ip_address, token_name, user_agent, noticed_days, scopes, allow_list)
        select substr(md5($1::text || n), 1, 10), '\x00', $1, null, now() + interval '1 day',
               now() - interval '1 hour' + (n / 400) * interval '1 minute', now(), 'token', 86400, '0.0.0.0', 'n' || n, '', 0,
               array['coder:all'], array['*:*']
        from generate_series(1, $2) n
        """,
        user.Id,
        count);

    /// <summary>Any key, as an owner reads it.</summary>
    internal static Task<JsonElement> KeyAsync(this ModularApi api, string key) =>
        api.As(api.Owner).ReadAsync($"/api/v2/users/me/keys/{IdOf(key)}");

    internal static DateTimeOffset Time(this JsonElement json, string member) => json.GetProperty(member).GetDateTimeOffset();

    /// <summary>The texts of an array.</summary>
    internal static string[] Texts(this JsonElement json, string member) =>
        [.. json.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];

    /// <summary>An allow list in its canonical spelling.</summary>
    internal static string[] AllowList(this JsonElement key) =>
        [.. key.GetProperty("allow_list").EnumerateArray().Select(entry => $"{entry.Text("type")}:{entry.Text("id")}")];

    /// <summary>The names of a user's tokens, in the order of the list.</summary>
    internal static async Task<string[]> TokenNamesAsync(this HttpClient client, string user = "me", string query = "") =>
        [.. (await client.ReadAsync($"/api/v2/users/{user}/keys/tokens{query}")).EnumerateArray().Select(token => token.Text("token_name"))];

    /// <summary>The entries that a request left in the audit log, newest first.</summary>
    internal static Task<JsonElement[]> EntriesOfAsync(this ModularApi api, HttpResponseMessage answer) =>
        api.AuditAsync($"request_id:{Assert.Single(answer.Headers.GetValues("X-Request-Id"))}");
}
