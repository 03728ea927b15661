using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>What people do with their skills while agents use them.</summary>
internal static class Skills
{
    internal const string Path = "/api/experimental/users/me/skills";

    internal static string File(string name, string description = "D", string body = "Do it.") =>
        description.Length == 0 ? $"---\nname: {name}\n---\n{body}\n" : $"---\nname: {name}\ndescription: {description}\n---\n{body}\n";

    internal static async Task<Guid> WriteAsync(this HttpClient user, string content)
    {
        using var made = await user.PostAsJsonAsync(Path, new { content });
        return (await made.ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
    }

    internal static async Task ChangeAsync(this HttpClient user, string name, object change)
    {
        using var changed = await user.PatchAsJsonAsync($"{Path}/{name}", change);
        await changed.ShouldBeAsync(HttpStatusCode.OK);
    }

    internal static async Task RemoveAsync(this HttpClient user, string name)
    {
        using var removed = await user.DeleteAsync($"{Path}/{name}");
        await removed.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    internal static string[] Names(this JsonElement result, string list) =>
        [.. result.GetProperty(list).EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    internal static string Text(this JsonElement toolResult) => toolResult.GetProperty("content")[0].GetProperty("text").GetString()!;

    internal static bool IsError(this JsonElement toolResult) => toolResult.TryGetProperty("isError", out var isError) && isError.GetBoolean();
}
