using System.Text.Json.Serialization;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;

namespace Modular.Users.Organizations;

/// <summary>A membership as writes of it answer it.</summary>
[AnswerExample(
    """
    {"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a","created_at":"2026-11-26T16:20:53.53678Z",
    "updated_at":"2026-11-26T16:20:53.53678Z","roles":[{"name":"organization-auditor","display_name":"Organization Auditor","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a"}]}
    """)]
internal sealed record MemberAnswer(Guid UserId, Guid OrganizationId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<SlimRole> Roles)
{
    internal static MemberAnswer Of(OrganizationMember member) => new(
        member.UserId,
        member.OrganizationId,
        member.CreatedAt,
        member.UpdatedAt,
        [.. member.Roles.Select(role => SlimRole.Of(role, member.OrganizationId))]);
}

/// <summary>A membership and whose it is, as lists show it.</summary>
[AnswerExample(
    """
    {"user_id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a","created_at":"2026-11-26T16:20:53.53678Z",
    "updated_at":"2026-11-26T16:20:53.53678Z","roles":[{"name":"organization-auditor","display_name":"Organization Auditor","organization_id":"f7410639-9649-4c7b-88cd-3c9d8b93726a"}],
    "username":"jane-doe","name":"Jane Doe","email":"jane@example.com","global_roles":[],"status":"active","login_type":"password",
    "last_seen_at":"2026-11-26T16:20:54.164139Z","user_created_at":"2026-11-26T16:20:53.53678Z","user_updated_at":"2026-11-26T16:20:54.164139Z","has_ai_seat":false}
    """)]
internal sealed record MemberWithUserAnswer(
    Guid UserId,
    Guid OrganizationId,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<SlimRole> Roles,
    string Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AvatarUrl,
    string Email,
    IReadOnlyList<SlimRole> GlobalRoles,
    string Status,
    string LoginType,
    DateTimeOffset LastSeenAt,
    DateTimeOffset UserCreatedAt,
    DateTimeOffset UserUpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsServiceAccount,
    bool HasAiSeat)
{
    internal static MemberWithUserAnswer Of(OrganizationMember member, User user)
    {
        var (membership, person) = (MemberAnswer.Of(member), UserAnswer.Of(user, []));
        return new MemberWithUserAnswer(
            membership.UserId,
            membership.OrganizationId,
            membership.CreatedAt,
            membership.UpdatedAt,
            membership.Roles,
            person.Username,
            person.Name,
            person.AvatarUrl,
            person.Email,
            person.Roles,
            person.Status,
            person.LoginType,
            person.LastSeenAt,
            person.CreatedAt,
            person.UpdatedAt,
            person.IsServiceAccount,
            person.HasAiSeat);
    }
}
