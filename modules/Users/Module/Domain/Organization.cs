namespace Modular.Users.Domain;

internal sealed class Organization
{
    /// <summary>The name of the organization that the first migration makes and that is never deleted.</summary>
    internal const string DefaultName = "default";

    private Organization()
    {
    }

    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    public string DisplayName { get; private set; } = "";

    public string Description { get; private set; } = "";

    public string Icon { get; private set; } = "";

    public bool IsDefault { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }
}

internal sealed class OrganizationMember
{
    private OrganizationMember()
    {
    }

    internal OrganizationMember(Guid organizationId, Guid userId, DateTimeOffset now)
    {
        OrganizationId = organizationId;
        UserId = userId;
        CreatedAt = now;
        UpdatedAt = now;
    }

    public Guid OrganizationId { get; private set; }

    public Guid UserId { get; private set; }

    public List<string> Roles { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }
}
