namespace Modular.SharedKernel.Security;

/// <summary>What a key narrows its owner's rights to: scopes say what, the allow list says on which resources.</summary>
public interface IKeyRestrictions
{
    /// <summary>Whether the key narrows nothing: scope <c>coder:all</c> and allow list <c>*:*</c>.</summary>
    bool HoldsEverything { get; }

    /// <summary>Whether a scope of the key covers the permission.</summary>
    bool InScope(Permission permission);

    /// <summary>The ids of this type that the allow list names; null where it admits every resource of the type.</summary>
    IReadOnlySet<Guid>? AdmittedIds(string resourceType);
}

/// <summary>Who makes the request, and what the key that was presented allows. Immutable; made by the authenticator.</summary>
public sealed class Caller(PermissionTable table, IKeyRestrictions restrictions)
{
    /// <summary>The key's owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The owner's name, as it is written.</summary>
    public required string Username { get; init; }

    /// <summary>
    /// Site roles as stored (<see cref="SiteRole.Member"/> is implied), and the full names of the roles in organizations
    /// (<see cref="OrganizationRole.Member"/> among them).
    /// </summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The public id of the key, ten characters.</summary>
    public required string KeyId { get; init; }

    /// <summary><c>active</c>, <c>dormant</c> or <c>suspended</c>, when the key was looked up.</summary>
    public required string Status { get; init; }

    /// <summary>Scopes and allow list of the key.</summary>
    public IKeyRestrictions Restrictions => restrictions;

    /// <summary>
    /// Whether roles, scopes and allow list all permit it.
    /// </summary>
    /// <param name="permission">What is to be done.</param>
    /// <param name="owner">Whose resource it is; null where it belongs to no user, or stands for all of them.</param>
    /// <param name="id">The resource's id, where it has a UUID and exists.</param>
    /// <param name="organization">The organization that the resource belongs to, or is.</param>
    public bool May(Permission permission, Guid? owner = null, Guid? id = null, Guid? organization = null) =>
        HasRight(permission, owner, organization) && Admits(permission.Resource, id);

    /// <summary>The same caller with roles that have been read anew, under a lock.</summary>
    public Caller WithRoles(IReadOnlyList<string> roles) => new(table, restrictions)
    {
        UserId = UserId,
        Username = Username,
        Roles = roles,
        KeyId = KeyId,
        Status = Status,
    };

    /// <summary>
    /// Whether roles and scopes permit it, whatever the allow list says: for queries that pick out the admitted resources
    /// themselves, and for answers that must not depend on whether a resource exists.
    /// </summary>
    public bool HasRight(Permission permission, Guid? owner = null, Guid? organization = null) =>
        table.Allows(Roles, permission, own: owner == UserId, organization) && restrictions.InScope(permission);

    /// <summary>The organizations in which the caller holds a role that permits it; null where a site role does, in all of them.</summary>
    public IReadOnlySet<Guid>? OrganizationsWith(Permission permission) => HasRight(permission)
        ? null
        : Roles.Select(role => OrganizationRole.Read(role).Organization)
            .OfType<Guid>()
            .Where(organization => HasRight(permission, organization: organization))
            .ToHashSet();

    /// <summary>Whether the caller has the site role.</summary>
    public bool Holds(string role) => role == SiteRole.Member || Roles.Contains(role);

    /// <summary>A resource without an id, new or of a type that has none, is admitted only where the whole type is.</summary>
    private bool Admits(string resourceType, Guid? id) =>
        restrictions.AdmittedIds(resourceType) is not { } ids || (id is { } known && ids.Contains(known));
}

/// <summary>The caller of the running request.</summary>
public interface ICurrentUser
{
    /// <summary>Null for an anonymous request and for work without a request.</summary>
    Caller? Caller { get; }

    /// <summary>
    /// The user that the path of the running request names, with the roles of this moment: they are read anew, and the command is run again,
    /// where they have changed since the request was let in. Null where the path names none.
    /// </summary>
    Target? Target { get; }

    /// <summary>The caller of a route that requires a key.</summary>
    /// <exception cref="InvalidOperationException">There is none: the route lets anonymous callers in.</exception>
    Caller Required => Caller ?? throw new InvalidOperationException("This route does not require a key, so it has no caller.");
}

/// <summary>Where a request comes from, for audit entries and logs.</summary>
/// <param name="RequestId">Equal to the answer's <c>X-Request-Id</c>; zero for work without a request.</param>
/// <param name="Ip">The client's address behind trusted proxies.</param>
/// <param name="UserAgent">As sent, cut to 512 bytes.</param>
/// <param name="SuccessStatus">The HTTP status that the route declares for a success; 200 for work without a request.</param>
public sealed record RequestOrigin(Guid RequestId, System.Net.IPAddress? Ip, string UserAgent, int SuccessStatus)
{
    /// <summary>Work that no request caused.</summary>
    public static readonly RequestOrigin None = new(Guid.Empty, null, "", 200);
}

/// <summary>The origin of the running request.</summary>
public interface IRequestOrigin
{
    /// <summary>The running request's, or <see cref="RequestOrigin.None"/>.</summary>
    RequestOrigin Current { get; }
}

/// <summary>Whether an account can be used.</summary>
public static class AccountStatus
{
    /// <summary>Can log in and use its keys.</summary>
    public const string Active = "active";

    /// <summary>Never or long not seen; becomes active by itself when it is.</summary>
    public const string Dormant = "dormant";

    /// <summary>Refused at the door until it is activated.</summary>
    public const string Suspended = "suspended";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Active, Dormant, Suspended];
}
