using System.Net;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>How tests import people and read what became of each row.</summary>
internal static class Imports
{
    internal const string Ndjson = "application/x-ndjson";
    internal const string Csv = "text/csv";

    internal static Task<HttpResponseMessage> SendFileAsync(
        this HttpClient client, string file, string? contentType = Ndjson, string query = "") => client.SendFileAsync(Encoding.UTF8.GetBytes(file), contentType, query);

    internal static Task<HttpResponseMessage> SendFileAsync(this HttpClient client, byte[] file, string? contentType = Ndjson, string query = "")
    {
        var content = new ByteArrayContent(file);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return client.PostAsync($"/api/v2/users/import{query}", content);
    }

    /// <summary>The lines of an answer that came to its end: one for each row, and the summary.</summary>
    internal static async Task<Imported> ImportAsync(
        this ModularApi api, string file, string query = "", string contentType = Ndjson, ApiUser? by = null)
    {
        using var answer = await api.As(by ?? api.Owner).SendFileAsync(file, contentType, query);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        Assert.Equal(Ndjson, answer.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("\n", body, StringComparison.Ordinal);
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        return new Imported(lines[..^1], lines[^1].GetProperty("summary"), Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    /// <summary>One object a line.</summary>
    internal static string Lines(params object[] rows) => string.Concat(rows.Select(row => JsonSerializer.Serialize(row) + "\n"));

    /// <summary>A row that makes an ordinary user; a test changes what it is about.</summary>
    internal static Dictionary<string, object?> Row(string? username = null, params (string Member, object? Value)[] members)
    {
        username ??= People.NewName("i");
        var row = new Dictionary<string, object?> { ["username"] = username, ["email"] = $"{username}@example.com" };
        foreach (var (member, value) in members)
        {
            row[member] = value;
        }

        return row;
    }

    internal static string Result(this JsonElement line) => line.Text("result");

    internal static string[] Fields(this JsonElement line) => line.TryGetProperty("errors", out var errors)
        ? [.. errors.EnumerateArray().Select(error => error.Text("field"))]
        : [];

    internal sealed record Imported(JsonElement[] Rows, JsonElement Summary, string RequestId)
    {
        internal JsonElement Only => Assert.Single(Rows);

        internal string[] Results => [.. Rows.Select(Result)];

        internal string Counts => string.Join(' ', Summary.EnumerateObject().Where(count => count.Value.GetInt32() > 0).Select(count => $"{count.Name}={count.Value}"));
    }
}
