using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;

namespace Modular.Tests.Api.ApiKeys;

/// <summary>
/// Secrets go through the whole server once, in every way in which they can be presented, good and bad; then everything that it
/// wrote anywhere is searched for them.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class SecretsStayHiddenTests(ModularApi api)
{
    private const string Password = "CanaryPassword!81";

    [Fact]
    public async Task No_log_trace_answer_or_table_has_one()
    {
        await using var server = await api.StartAnotherAsync(new()
        {
            ["Modular:Tokens:AllowQueryParameter"] = "true",
            ["Modular:Experiments"] = "*",
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Npgsql"] = "Trace",
        });
        using var written = new Written();
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(written);
        var (secrets, answers) = await UseAsync(server);

        Assert.NotEmpty(written.Texts);
        Assert.Contains(written.Texts, text => text.StartsWith("trace ", StringComparison.Ordinal));
        string[] places = [.. written.Texts, .. answers, .. await TablesAsync(server.ConnectionString)];
        foreach (var secret in secrets)
        {
            var leak = Array.Find(places, text => text.Contains(secret, StringComparison.Ordinal) || text.Contains(Uri.EscapeDataString(secret), StringComparison.Ordinal));
            Assert.True(leak is null, $"{secret} stands in: {leak?[..Math.Min(leak.Length, 2_000)]}");
        }
    }

    /// <summary>What is secret, and every answer but those that show a new key.</summary>
    private static async Task<(List<string> Secrets, List<string> Answers)> UseAsync(ModularApi.OtherServer server)
    {
        var (secrets, answers) = (new List<string> { Password, ModularApi.Password }, new List<string>());
        var (owner, organization) = await ModularApi.SetUpAsync(server.Client());
        secrets.Add(owner.Session[11..]);
        var path = "/api/v2/users/me";
        await SendAsync(owner.Session, HttpMethod.Post, "/api/v2/users", new { username = "canary", email = "canary@example.com", password = Password, organization_ids = new[] { organization } });
        var session = await NewAsync(null, "/api/v2/users/login", new { email = "canary@example.com", password = Password }, "session_token");
        await SendAsync(null, HttpMethod.Post, "/api/v2/users/login", new { email = "canary@example.com", password = Password + "x" });
        await SendAsync(null, HttpMethod.Post, "/api/v2/users/login", $"{{\"password\": \"{Password}\", \"email\": 1}}");
        var key = await NewAsync(session, $"{path}/keys", null, "key");
        var token = await NewAsync(session, $"{path}/keys/tokens", new { token_name = "canary" }, "key");
        var rotated = await NewAsync(session, $"{path}/keys/{Tokens.IdOf(token)}/rotate", new { overlap_seconds = 0 }, "key");
        var skill = new { content = "---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead.\n" };
        await SendAsync(rotated, HttpMethod.Post, "/api/experimental/users/me/skills", skill);
        foreach (var used in (string[])[session, key, token, rotated, session + "x", session.Replace('-', '_'), $"{session[..10]}-{key[11..]}"])
        {
            foreach (var uri in (string[])[path, $"/api/v2/users/{used}", $"/api/v2/nothing/{used}", $"/{used}", $"{path}?coder_session_token={used}", $"{path}?access_token={used}", $"/api/v2/users?q=status:{used}", $"/api/v2/nothing/{Uri.EscapeDataString("x")}?coder_session_token={used}"])
            {
                await SendAsync(used, HttpMethod.Get, uri);
            }

            await RawAsync(request => request.Headers.Add("Cookie", $"coder_session_token={used}"));
            await RawAsync(request => request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {used}"));
        }

        await SendAsync(session, HttpMethod.Put, $"{path}/password", new { old_password = Password, password = Password + "2" });
        await SendAsync(session, HttpMethod.Get, path);
        return (secrets, answers);

        async Task<string> NewAsync(string? by, string uri, object? body, string member)
        {
            using var client = server.Client(by);
            using var made = await client.PostAsJsonAsync(uri, body);
            var text = (await made.ShouldBeAsync(made.StatusCode)).Text(member);
            secrets.Add(text[11..]);
            return text;
        }

        async Task SendAsync(string? by, HttpMethod method, string uri, object? body = null)
        {
            using var client = server.Client(by);
            using var request = new HttpRequestMessage(method, uri)
            {
                Content = body is string json ? new StringContent(json) : body is null ? null : JsonContent.Create(body),
            };
            await KeepAsync(await client.SendAsync(request));
        }

        async Task RawAsync(Action<HttpRequestMessage> present)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            present(request);
            await KeepAsync(await server.Client().SendAsync(request));
        }

        async Task KeepAsync(HttpResponseMessage answer)
        {
            using (answer)
            {
                answers.Add($"answer {answer.StatusCode} {answer.Headers} {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    private static async Task<List<string>> TablesAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var tables = new List<string>();
        await using (var names = database.CreateCommand("select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        await using (var rows = await names.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                tables.Add(rows.GetString(0));
            }
        }

        var texts = new List<string>();
        foreach (var table in tables)
        {
            await using var all = database.CreateCommand($"select t::text from {table} t");
            await using var rows = await all.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                texts.Add($"table {table} {rows.GetString(0)}");
            }
        }

        Assert.Contains(texts, text => text.StartsWith("table audit.", StringComparison.Ordinal));
        return texts;
    }

    /// <summary>Every line of every log, and every span with what it carries.</summary>
    private sealed class Written : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> texts = new();
        private readonly ActivityListener listener;

        internal Written()
        {
            listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name != "System.Net.Http", // That is the test's own client.
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => texts.Enqueue(
                    $"trace {activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', activity.Events.SelectMany(what => what.Tags))}"),
            };
            ActivitySource.AddActivityListener(listener);
        }

        internal IReadOnlyCollection<string> Texts => texts;

        public ILogger CreateLogger(string categoryName) => new Line(texts, categoryName);

        public void Dispose() => listener.Dispose();

        private sealed class Line(ConcurrentQueue<string> texts, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
            {
                texts.Enqueue($"scope {category} {state} {Named(state)}");
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                texts.Enqueue($"log {category} {formatter(state, exception)} {exception} {Named(state)}");
            }

            /// <summary>Formatters of JSON write each value by itself.</summary>
            private static string Named(object? state)
            {
                var named = new StringBuilder();
                foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                {
                    named.Append(' ').Append(name).Append('=').Append(value);
                }

                return named.ToString();
            }
        }
    }
}
