using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Features;
using Modular.UserSkills.Mcp;
using Modular.UserSkills.Persistence;

namespace Modular.UserSkills;

/// <summary>Personal agent skills: one SKILL.md each, kept by the person who wrote it.</summary>
public sealed class UserSkillsModule : IExperimentalModule
{
    internal const string Experiment = "user-skills";

    /// <inheritdoc />
    public string Name => "UserSkills";

    /// <inheritdoc />
    public string Schema => UserSkillsDbContext.SchemaName;

    /// <inheritdoc />
    public string FeatureFlag => Experiment;

    /// <inheritdoc />
    public string Title => "Personal skills";

    /// <inheritdoc />
    public string Description => "Lets every user keep personal agent skills, as SKILL.md files, below /api/experimental/users/{user}/skills, and use them in agents by /api/experimental/mcp.";

    /// <inheritdoc />
    public IReadOnlyList<string> RoutePatterns => ["/api/experimental/users/{user}/skills/{**rest}"];

    /// <inheritdoc />
    public IReadOnlyList<Grant> Grants => SkillPermissions.Grants;

    /// <inheritdoc />
    public IReadOnlyList<Scope> Scopes => [.. Scope.Of(SkillPermissions.Read, SkillPermissions.Create, SkillPermissions.Update, SkillPermissions.Delete)];

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> PathParameters { get; } = new Dictionary<string, string>
    {
        ["skillName"] = "The name of a personal skill.",
        ["version"] = "The number of a version.",
    };

    /// <inheritdoc />
    public IReadOnlyList<AuditedResource> AuditedResources => [new(Skill.ResourceType)];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddModuleDbContext<UserSkillsDbContext>(Schema)
        .AddSettings(SkillSettings.Read)
        .AddScoped<SkillWriting>()
        .AddScoped<AgentSkills>()
        .AddMcpOffer<SkillsOffer>(FeatureFlag, SkillPermissions.Read, new ListSkillsTool(), new ReadSkillTool())
        .AddConstraintError(UserSkillsDbContext.OwnerDeletedConstraint, SkillErrors.OwnerDeletedOnCreate)
        .AddConstraintError(UserSkillsDbContext.PerUserLimitConstraint, SkillErrors.TooMany)
        .AddConstraintError(UserSkillsDbContext.NameIndex, SkillErrors.NameTaken)
        .AddConstraintError("fk_skills_owners_user_id", Error.ResourceNotFound)
        .AddConstraintError("fk_skill_versions_skills_skill_id", Error.ResourceNotFound)
        .AddConstraintError("skills_name_format", SkillErrors.Unfit)
        .AddConstraintError("skills_name_size", SkillErrors.Unfit)
        .AddConstraintError("skills_description_size", SkillErrors.Unfit)
        .AddConstraintError("skills_content_size", SkillErrors.Unfit)
        .AddConstraintError("skill_versions_description_size", SkillErrors.Unfit)
        .AddConstraintError("skill_versions_content_size", SkillErrors.Unfit);
}
