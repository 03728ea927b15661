using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Mapster;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Features;

/// <summary>A skill in a list: everything but its content.</summary>
[AnswerExample(
    """
    {"id":"01a218a8-f0aa-7c11-9d35-6b1e5a0c7d42","name":"tidy","description":"Cleans up","enabled":true,
    "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:53.53678Z"}
    """)]
internal sealed record SkillMetadata(Guid Id, string Name, string Description, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A whole skill; the content is byte for byte what was sent.</summary>
[AnswerExample(
    """
    {"id":"01a218a8-f0aa-7c11-9d35-6b1e5a0c7d42","name":"tidy","description":"Cleans up","enabled":true,
    "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:53.53678Z",
    "content":"---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead.\n"}
    """)]
internal sealed record SkillAnswer(
    Guid Id, string Name, string Description, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Content) : ITagged
{
    /// <summary>Of what a write with <c>If-Match</c> protects; an update that changes neither content nor switch keeps it.</summary>
    [JsonIgnore]
    public string ETag => $"\"{Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(Content), (byte)(Enabled ? '+' : '-')]))}\"";

    internal static SkillAnswer Of(Skill skill) => skill.Adapt<SkillAnswer>(Shapes.Config);
}

/// <summary>How this module's entities become answers. Strict: a member without a source fails a test, not a request.</summary>
internal static class Shapes
{
    internal static readonly TypeAdapterConfig Config = Make();

    private static TypeAdapterConfig Make()
    {
        var config = new TypeAdapterConfig { RequireDestinationMemberSource = true };
        config.NewConfig<Skill, SkillMetadata>();
        config.NewConfig<Skill, SkillAnswer>();
        config.NewConfig<SkillVersion, SkillVersionAnswer>();
        return config;
    }
}
