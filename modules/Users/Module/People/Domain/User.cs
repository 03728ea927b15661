using Modular.SharedKernel.Text;

namespace Modular.Users.People.Domain;

/// <summary>A person, or a service account. Never removed: deletion marks the row, so that what it did stays attributed.</summary>
internal sealed class User
{
    internal const string ResourceType = Target.ResourceType;

    internal static readonly AuditShape<User> AuditShape = new AuditShape<User>()
        .Shows("id", u => u.Id)
        .Shows("username", u => u.Username)
        .Shows("email", u => u.Email)
        .Shows("name", u => u.Name)
        .Shows("status", u => u.Status)
        .Shows("rbac_roles", u => u.RbacRoles)
        .Shows("login_type", u => u.LoginType)
        .Shows("external_id", u => u.ExternalId ?? "")
        .Shows("is_service_account", u => u.IsServiceAccount)
        .Shows("deleted", u => u.Deleted)
        .Masks("hashed_password", u => u.HashedPassword)
        .Ignores("created_at", "updated_at", "avatar_url", "last_seen_at", "username_key", "email_key", "search_name", "search_text");

    /// <summary>Stands between the fields of the searched text. None of them can hold it, so nothing is found across their borders.</summary>
    internal const char FieldSeparator = '\n';

    private User()
    {
    }

    public Guid Id { get; private set; }

    public string Username { get; private set; } = "";

    /// <summary>The username in its key form: what is unique and what lists sort by.</summary>
    public string UsernameKey { get; private set; } = "";

    /// <summary>Empty for service accounts.</summary>
    public string Email { get; private set; } = "";

    public string EmailKey { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string AvatarUrl { get; private set; } = "";

    public string Status { get; private set; } = AccountStatus.Dormant;

    public string LoginType { get; private set; } = Domain.LoginType.Password;

    /// <summary>PHC string; null for those who do not log in with a password.</summary>
    public string? HashedPassword { get; private set; }

    /// <summary>What another system calls the user; set by an import, which finds the user by it again.</summary>
    public string? ExternalId { get; private set; }

    public List<string> RbacRoles { get; private set; } = [];

    public bool IsServiceAccount { get; private set; }

    public bool Deleted { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Null until the user is first seen.</summary>
    public DateTimeOffset? LastSeenAt { get; private set; }

    /// <summary>The name in the form in which it is searched.</summary>
    public string SearchName { get; private set; } = "";

    /// <summary>What free text searches: username, e-mail address and name in that form.</summary>
    public string SearchText { get; private set; } = "";

    internal static User Register(
        Guid id, string username, string email, string name, string loginType, string status, string? hashedPassword,
        IEnumerable<string> roles, DateTimeOffset now, string? externalId = null)
    {
        var user = new User
        {
            Id = id,
            Username = username,
            UsernameKey = AsciiLowerCase.Of(username),
            Email = email,
            EmailKey = AsciiLowerCase.Of(email),
            Name = name,
            LoginType = loginType,
            IsServiceAccount = loginType == Domain.LoginType.None,
            Status = status,
            HashedPassword = hashedPassword,
            ExternalId = externalId,
            RbacRoles = [.. roles],
            CreatedAt = now,
            UpdatedAt = now,
        };
        user.MakeSearchable();
        return user;
    }

    /// <summary>A dormant user was seen.</summary>
    internal void WakeUp(DateTimeOffset now)
    {
        Status = AccountStatus.Active;
        LastSeenAt = now;
        UpdatedAt = now;
    }

    /// <summary>The password is the same; its hash is made with today's parameters.</summary>
    internal void Rehash(string hashedPassword) => HashedPassword = hashedPassword;

    internal void Rename(string username, string name, DateTimeOffset now)
    {
        Username = username;
        UsernameKey = AsciiLowerCase.Of(username);
        Name = name;
        UpdatedAt = now;
        MakeSearchable();
    }

    private void MakeSearchable()
    {
        SearchName = SearchForm.Of(Name);
        SearchText = string.Join(FieldSeparator, SearchForm.Of(Username), SearchForm.Of(Email), SearchName);
    }

    internal void ChangePassword(string hashedPassword, DateTimeOffset now)
    {
        HashedPassword = hashedPassword;
        UpdatedAt = now;
    }

    internal void SetRoles(IEnumerable<string> roles, DateTimeOffset now)
    {
        RbacRoles = [.. roles];
        UpdatedAt = now;
    }

    /// <summary>An operator's word. It does not count as being seen.</summary>
    internal void SetStatus(string status, DateTimeOffset now)
    {
        Status = status;
        UpdatedAt = now;
    }

    /// <summary>Login type, roles and status keep their values.</summary>
    internal void Delete(DateTimeOffset now)
    {
        Deleted = true;
        UpdatedAt = now;
    }
}

internal static class LoginType
{
    internal const string Password = "password";
    internal const string GitHub = "github";
    internal const string Oidc = "oidc";
    internal const string Token = "token";
    internal const string None = "none";

    internal static readonly IReadOnlyList<string> All = [GitHub, None, Oidc, Password, Token];
}
