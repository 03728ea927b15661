using System.Globalization;
using Mapster;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Features;

/// <summary>A version in a list: everything but its content.</summary>
/// <param name="Version">From 1, in the order of the changes.</param>
/// <param name="ContentSha256">What <c>sha256sum</c> says of the file.</param>
/// <param name="Description">What the content's frontmatter says.</param>
/// <param name="CreatedAt">When the skill got this content.</param>
/// <param name="CreatedBy">The user who gave it.</param>
[AnswerExample(
    """
    {"version":2,"content_sha256":"5e3d5f0f0a3c2fdc2f1d4ad4e9c9d6a1bb1fb7ea0c63d8a4f6d0b6b0e2f4c7a9","description":"Cleans up",
    "created_at":"2026-11-26T16:20:53.53678Z","created_by":"01a218a8-eca0-75a1-8b9d-07c8ec976a83"}
    """)]
internal sealed record SkillVersionMetadata(int Version, string ContentSha256, string Description, DateTimeOffset CreatedAt, Guid CreatedBy);

/// <summary>A whole version.</summary>
[AnswerExample(
    """
    {"version":2,"content_sha256":"5e3d5f0f0a3c2fdc2f1d4ad4e9c9d6a1bb1fb7ea0c63d8a4f6d0b6b0e2f4c7a9","description":"Cleans up",
    "created_at":"2026-11-26T16:20:53.53678Z","created_by":"01a218a8-eca0-75a1-8b9d-07c8ec976a83",
    "content":"---\nname: tidy\ndescription: Cleans up\n---\nRemove what is dead.\n"}
    """)]
internal sealed record SkillVersionAnswer(
    int Version, string ContentSha256, string Description, DateTimeOffset CreatedAt, Guid CreatedBy, string Content)
{
    internal static SkillVersionAnswer Of(SkillVersion version) => version.Adapt<SkillVersionAnswer>(Shapes.Config);

    /// <summary>The version that a path names; 0, which there is never, for what is no number.</summary>
    internal static int NumberOf(string path) => int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
