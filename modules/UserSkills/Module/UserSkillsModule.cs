using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;
using Modular.UserSkills.Features;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills;

/// <summary>Personal agent skills: one SKILL.md each, kept by the person who wrote it.</summary>
public sealed class UserSkillsModule : IExperimentalModule
{
    /// <inheritdoc />
    public string Name => "UserSkills";

    /// <inheritdoc />
    public string Schema => UserSkillsDbContext.SchemaName;

    /// <inheritdoc />
    public string FeatureFlag => "user-skills";

    /// <inheritdoc />
    public string Title => "Personal skills";

    /// <inheritdoc />
    public string Description => "Lets every user keep personal agent skills, as SKILL.md files, below /api/experimental/users/{user}/skills.";

    /// <inheritdoc />
    public IReadOnlyList<string> RoutePatterns => ["/api/experimental/users/{user}/skills/{**rest}"];

    /// <inheritdoc />
    public IReadOnlyList<Grant> Grants => SkillPermissions.Grants;

    /// <inheritdoc />
    public IReadOnlyList<Scope> Scopes => [.. Scope.Of("user_skill", "read", "create", "update", "delete")];

    /// <inheritdoc />
    public IReadOnlyList<string> AuditResourceTypes => ["user_skill"];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services, IConfiguration configuration) => services
        .AddModuleDbContext<UserSkillsDbContext>(Schema)
        .AddSettings(SkillSettings.Read)
        .AddScoped<SkillWriting>()
        .AddConstraintError(UserSkillsDbContext.OwnerDeletedConstraint, SkillErrors.OwnerDeletedOnCreate)
        .AddConstraintError(UserSkillsDbContext.PerUserLimitConstraint, SkillErrors.TooMany)
        .AddConstraintError(UserSkillsDbContext.NameIndex, SkillErrors.NameTaken);
}
