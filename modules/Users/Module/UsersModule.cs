using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;
using Modular.Users.Dormancy;
using Modular.Users.Import;
using Modular.Users.Mails;
using Modular.Users.Organizations.Domain;
using Modular.Users.People;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;
using Modular.Users.SignIn;
using Modular.Users.SignIn.Domain;

namespace Modular.Users;

/// <summary>People: who they are, how they log in, what they may do, and the organizations they belong to.</summary>
public sealed class UsersModule : IModule
{
    /// <inheritdoc />
    public string Name => "Users";

    /// <inheritdoc />
    public string Schema => UsersDbContext.SchemaName;

    /// <inheritdoc />
    public IReadOnlyList<Grant> Grants => UserPermissions.Grants;

    /// <inheritdoc />
    public IReadOnlyList<Scope> Scopes => UserPermissions.Scopes;

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> PathParameters { get; } = new Dictionary<string, string>
    {
        ["user"] = "A user: an id, a username in any case, or 'me'.",
        ["organization"] = "An organization: an id, a name, or 'default'.",
        ["organizationname"] = "The name of an organization.",
    };

    /// <inheritdoc />
    public IReadOnlyList<AuditedResource> AuditedResources =>
    [
        new(User.ResourceType),
        new(Organization.ResourceType),
        new(OrganizationMember.ResourceType),
        new(ConvertLogin.ResourceType, "login type conversion to {target}"),
        new(RecordImport.ResourceType),
    ];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddModuleDbContext<UsersDbContext>(Schema)
        .AddSettings(UserSettings.Read)
        .AddSettings(GuessSettings.Read)
        .AddSingleton<PasswordHasher>()
        .AddScoped<PasswordCheck>()
        .AddScoped<UserWriting>()
        .AddScoped<UserReads>()
        .AddSettings(DormancySettings.Read)
        .AddSettings(EmailSettings.Read)
        .AddSingleton<EventLog>()
        .AddSingleton<MissingSmarthost>()
        .AddSingleton<MailSecrets>()
        .AddSingleton<Smtp>()
        .AddSingleton<MailSender>()
        .AddHostedService(provider => provider.GetRequiredService<MailSender>())
        .AddHostedService<DormancyTimer>()
        .AddScoped<Outbox>()
        .AddScoped<IUserDirectory, UserDirectory>()
        .AddConstraintError(UsersDbContext.UsernameIndex, UserErrors.UsernameTaken)
        .AddConstraintError(UsersDbContext.EmailIndex, UserErrors.EmailTaken)
        .AddConstraintError(UsersDbContext.OrganizationNameIndex, OrganizationErrors.NameTaken)
        .AddConstraintError(UsersDbContext.MembershipKey, OrganizationErrors.MemberAlready)
        .AddConstraintError(UsersDbContext.ExternalIdIndex, UserErrors.ExternalIdTaken)
        .AddConstraintError("ix_organizations_is_default", OrganizationErrors.NameTaken)
        .AddConstraintError("fk_organization_members_organizations_organization_id", Error.ResourceNotFound)
        .AddConstraintError("fk_organization_members_users_user_id", Error.ResourceNotFound)
        .AddConstraintError("ck_users_status", UserErrors.UnknownStatus)
        .AddConstraintError("ck_users_login_type", UserErrors.UnknownLoginType);
}
