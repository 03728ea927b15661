using System.Text.Json.Serialization;
using Modular.Users.Domain;

namespace Modular.Users.Features;

/// <summary>A user as every route shows it.</summary>
internal record UserAnswer(
    Guid Id,
    string Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AvatarUrl,
    string Email,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset LastSeenAt,
    string Status,
    string LoginType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsServiceAccount,
    IReadOnlyList<Guid> OrganizationIds,
    IReadOnlyList<SlimRole> Roles,
    bool HasAiSeat)
{
    internal static UserAnswer Of(User user, IReadOnlyList<Guid> organizationIds) => new(
        user.Id,
        user.Username,
        user.Name.Length == 0 ? null : user.Name,
        user.AvatarUrl.Length == 0 ? null : user.AvatarUrl,
        user.Email,
        user.CreatedAt,
        user.UpdatedAt,
        user.LastSeenAt,
        user.Status,
        user.LoginType,
        user.IsServiceAccount,
        organizationIds,
        [.. user.RbacRoles.Select(SlimRole.Of)],
        HasAiSeat: false);
}

/// <summary>A role by name; one that this server does not know has no display name and grants nothing.</summary>
internal sealed record SlimRole(string Name, string DisplayName)
{
    private static readonly Dictionary<string, string> displayNames = new()
    {
        ["owner"] = "Owner",
        ["user-admin"] = "User Admin",
        ["template-admin"] = "Template Admin",
        ["auditor"] = "Auditor",
        ["member"] = "Member",
    };

    internal static SlimRole Of(string name) => new(name, displayNames.GetValueOrDefault(name, ""));
}

/// <summary>The answer of routes that have nothing else to say.</summary>
internal sealed record MessageAnswer(string Message);
