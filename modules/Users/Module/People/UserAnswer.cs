using System.Text.Json.Serialization;
using Modular.SharedKernel.Json;
using Modular.Users.People.Domain;

namespace Modular.Users.People;

/// <summary>A user as every route shows it.</summary>
[AnswerExample(
    """
    {"id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","username":"jane-doe","name":"Jane Doe","email":"jane@example.com",
    "created_at":"2026-11-26T16:20:53.53678Z","updated_at":"2026-11-26T16:20:54.164139Z","last_seen_at":"2026-11-26T16:20:54.164139Z",
    "status":"active","login_type":"password","organization_ids":["f7410639-9649-4c7b-88cd-3c9d8b93726a"],
    "roles":[{"name":"user-admin","display_name":"User Admin"}],"has_ai_seat":false}
    """)]
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
    bool HasAiSeat) : ITagged
{
    /// <summary>Of all that a write with <c>If-Match</c> protects; being seen and joining organizations change nothing of it.</summary>
    [JsonIgnore]
    public virtual string? ETag => TagOf(this);

    /// <summary>The tag of the user as it is stored, for a comparison with <c>If-Match</c>.</summary>
    internal static string TagOf(User user) => TagOf(Of(user, []));

    private static string TagOf(UserAnswer user) => EntityTag.Of(user with { LastSeenAt = default, UpdatedAt = default, OrganizationIds = [] });

    internal static UserAnswer Of(User user, IReadOnlyList<Guid> organizationIds) => new(
        user.Id,
        user.Username,
        user.Name.Length == 0 ? null : user.Name,
        user.AvatarUrl.Length == 0 ? null : user.AvatarUrl,
        user.Email,
        user.CreatedAt,
        user.UpdatedAt,
        user.LastSeenAt ?? ModularJson.ZeroTime,
        user.Status,
        user.LoginType,
        user.IsServiceAccount,
        organizationIds,
        [.. user.RbacRoles.Select(SlimRole.Of)],
        HasAiSeat: false);
}

/// <summary>A role by name; one that this server does not know has no display name and grants nothing.</summary>
/// <param name="Name">Without the organization.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="OrganizationId">Where it is held; left out of a site role.</param>
internal sealed record SlimRole(
    string Name,
    string DisplayName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? OrganizationId = null)
{
    private static readonly Dictionary<string, string> displayNames = new()
    {
        ["owner"] = "Owner",
        ["user-admin"] = "User Admin",
        ["template-admin"] = "Template Admin",
        ["auditor"] = "Auditor",
        ["member"] = "Member",
        ["organization-admin"] = "Organization Admin",
        ["organization-auditor"] = "Organization Auditor",
        ["organization-user-admin"] = "Organization User Admin",
        ["organization-template-admin"] = "Organization Template Admin",
        ["organization-workspace-creation-ban"] = "Organization Workspace Creation Ban",
        ["organization-member"] = "Organization Member",
        ["agents-access"] = "Agents Access",
    };

    internal static SlimRole Of(string name) => new(name, displayNames.GetValueOrDefault(name, ""));

    internal static SlimRole Of(string name, Guid organization) => Of(name) with { OrganizationId = organization };
}

/// <summary>The answer of routes that have nothing else to say.</summary>
[AnswerExample("""{"message":"The user has been deleted."}""")]
internal sealed record MessageAnswer(string Message);
