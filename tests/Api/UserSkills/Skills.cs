using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.UserSkills;

/// <summary>How tests write skills.</summary>
internal static class Skills
{
    internal const string Mine = "/api/experimental/users/me/skills";

    /// <summary>A SKILL.md.</summary>
    internal static string File(string name, string description = "D", string body = "Do it.") =>
        $"---\nname: {name}\ndescription: {description}\n---\n\n{body}\n";

    /// <summary>Stores a skill of the caller's own.</summary>
    internal static async Task<JsonElement> AddSkillAsync(this HttpClient client, string content)
    {
        using var created = await client.PostAsJsonAsync(Mine, new { content });
        return await created.ShouldBeAsync(HttpStatusCode.Created);
    }

    /// <summary>Changes a skill of the caller's own.</summary>
    internal static async Task<JsonElement> ChangeSkillAsync(this HttpClient client, string name, object change)
    {
        using var changed = await client.PatchAsJsonAsync($"{Mine}/{name}", change);
        return await changed.ShouldBeAsync(HttpStatusCode.OK);
    }
}
