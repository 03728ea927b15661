using System.Text.Json.Serialization;
using Modular.Users.Domain;

namespace Modular.Users.Features;

/// <summary>A membership as writes of it answer it.</summary>
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
