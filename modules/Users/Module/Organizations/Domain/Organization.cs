using Modular.Users.People.Domain;

namespace Modular.Users.Organizations.Domain;

internal sealed class Organization
{
    internal const string ResourceType = "organization";

    internal static readonly AuditShape<Organization> AuditShape = new AuditShape<Organization>()
        .Shows("id", o => o.Id)
        .Shows("name", o => o.Name)
        .Shows("display_name", o => o.DisplayName)
        .Shows("description", o => o.Description)
        .Shows("icon", o => o.Icon)
        .Shows("is_default", o => o.IsDefault)
        .Shows("created_at", o => o.CreatedAt)
        .Shows("updated_at", o => o.UpdatedAt);

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

    internal static Organization Create(Guid id, string name, string displayName, string description, string icon, DateTimeOffset now) => new()
    {
        Id = id,
        Name = name,
        DisplayName = displayName,
        Description = description,
        Icon = icon,
        CreatedAt = now,
        UpdatedAt = now,
    };

    internal void Change(string name, string displayName, string description, string icon, DateTimeOffset now)
    {
        (Name, DisplayName, Description, Icon) = (name, displayName, description, icon);
        UpdatedAt = now;
    }
}

internal sealed class OrganizationMember
{
    internal const string ResourceType = "organization_member";

    internal static readonly AuditShape<OrganizationMember> AuditShape = new AuditShape<OrganizationMember>()
        .Adds("username", m => m.Username)
        .Shows("user_id", m => m.UserId)
        .Shows("created_at", m => m.CreatedAt)
        .Shows("updated_at", m => m.UpdatedAt)
        .Shows("roles", m => m.Roles)
        .Ignores("organization_id");

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

    /// <summary>For the log alone; not stored here.</summary>
    internal string Username { get; init; } = "";

    /// <summary>Names without the organization; <see cref="OrganizationRole.Member"/> is implied.</summary>
    public List<string> Roles { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Full names of what the member may be in the organization, the implied role among them.</summary>
    internal IEnumerable<string> FullRoles => Roles.Append(OrganizationRole.Member).Distinct().Select(role => OrganizationRole.In(OrganizationId, role));

    /// <summary>The membership as it is now, with the name of whose it is, for the log.</summary>
    internal OrganizationMember Of(User user) => new(OrganizationId, UserId, CreatedAt)
    {
        Username = user.Username,
        Roles = [.. Roles],
        UpdatedAt = UpdatedAt,
    };

    internal void SetRoles(IEnumerable<string> roles, DateTimeOffset now)
    {
        Roles = [.. roles];
        UpdatedAt = now;
    }
}
