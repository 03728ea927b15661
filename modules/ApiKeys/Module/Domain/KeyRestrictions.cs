namespace Modular.ApiKeys.Domain;

/// <summary>What the presented key narrows its owner's rights to, and what a key made with it may have at most.</summary>
internal sealed class KeyRestrictions(IReadOnlyList<string> scopes, PermissionSet permissions, AllowList allowList, DateTimeOffset expiresAt)
    : IKeyRestrictions
{
    public bool HoldsEverything => permissions.IsEverything && allowList.AdmitsEverything;

    internal IReadOnlyList<string> Scopes => scopes;

    internal PermissionSet Permissions => permissions;

    internal AllowList AllowList => allowList;

    internal DateTimeOffset ExpiresAt => expiresAt;

    public bool InScope(Permission permission) => permissions.Holds(permission);

    public IReadOnlySet<Guid>? AdmittedIds(string resourceType) => allowList.IdsOf(resourceType);
}
