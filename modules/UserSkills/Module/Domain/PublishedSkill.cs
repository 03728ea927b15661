using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.UserSkills.Domain;

/// <summary>
/// A skill as the protocol's extension for skills publishes it, which has stricter rules for the file than a personal skill has: those of
/// the open Agent Skills format.
/// </summary>
/// <param name="Frontmatter">All of it, as JSON.</param>
/// <param name="Digest">Of the file's bytes: <c>sha256:</c> and 64 hexadecimal digits.</param>
/// <param name="Size">Of the file, in bytes.</param>
internal sealed record PublishedSkill(JsonObject Frontmatter, string Digest, int Size)
{
    private const int MaxNameLength = 64;
    private const int MaxDescriptionLength = 1_024;
    private const int MaxCompatibilityLength = 500;

    /// <summary>Null where the file breaks a rule of the format.</summary>
    internal static PublishedSkill? Of(string name, string content)
    {
        if (SkillFile.FrontmatterOf(content) is not { } yaml
            || Domain.Frontmatter.ReadAsJson(yaml) is not { } frontmatter
            || TextOf(frontmatter["name"]) != name
            || name.Length > MaxNameLength
            || !Has(frontmatter["description"], MaxDescriptionLength)
            || (frontmatter.ContainsKey("compatibility") && !Has(frontmatter["compatibility"], MaxCompatibilityLength))
            || (frontmatter.ContainsKey("metadata") && !IsTexts(frontmatter["metadata"])))
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(content);
        return new PublishedSkill(frontmatter, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}", bytes.Length);
    }

    private static bool IsTexts(JsonNode? value) => value is JsonObject members && members.All(member => TextOf(member.Value) is not null);

    private static string? TextOf(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var found) ? found : null;

    /// <summary>A text of one character at least, counted as people count.</summary>
    private static bool Has(JsonNode? value, int maxLength) =>
        TextOf(value) is { Length: > 0 } text && text.EnumerateRunes().Count() <= maxLength;
}
