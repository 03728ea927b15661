using Microsoft.Extensions.DependencyInjection;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.ApiKeys.Housekeeping;
using Modular.ApiKeys.Keys;
using Modular.ApiKeys.Persistence;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Settings;

namespace Modular.ApiKeys;

/// <summary>Login sessions and API tokens, and the answer to who is calling.</summary>
public sealed class ApiKeysModule : IModule
{
    /// <inheritdoc />
    public string Name => "ApiKeys";

    /// <inheritdoc />
    public string Schema => ApiKeysDbContext.SchemaName;

    /// <inheritdoc />
    public IReadOnlyList<Grant> Grants => ApiKeyPermissions.Grants;

    /// <inheritdoc />
    public IReadOnlyList<Scope> Scopes => [.. ApiKeyPermissions.Scopes, .. ForeignScopes.All];

    /// <inheritdoc />
    public IReadOnlyDictionary<string, string> PathParameters { get; } = new Dictionary<string, string>
    {
        ["keyid"] = "The public id of a key: what stands before its dash.",
        ["keyname"] = "The name of a token, as it stands.",
    };

    /// <inheritdoc />
    public IReadOnlyList<AuditedResource> AuditedResources => [new(ApiKey.ResourceType, "token {target}")];

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddModuleDbContext<ApiKeysDbContext>(Schema)
        .AddSettings(TokenSettings.Read)
        .AddSingleton<ScopeCatalog>()
        .AddSingleton<KeyCache>()
        .AddHostedService<KeyChangeListener>()
        .AddHostedService<KeyHousekeeping>()
        .AddScoped<KeyChanges>()
        .AddScoped<CallerCheck>()
        .AddScoped<ICallerCheck>(provider => provider.GetRequiredService<CallerCheck>())
        .AddScoped<KeyMaking>()
        .AddScoped<KeyWriting>()
        .AddSingleton<KeyUseRecorder>()
        .AddHostedService(provider => provider.GetRequiredService<KeyUseRecorder>())
        .AddSingleton<IAuthenticator, KeyAuthenticator>()
        .AddConstraintError("ix_keys_token_name", ApiKeyErrors.NameTaken)
        .AddConstraintError("fk_keys_owners_user_id", Error.ResourceNotFound)
        .AddConstraintError("ck_keys_allow_list", ApiKeyErrors.EmptyAllowList);
}
