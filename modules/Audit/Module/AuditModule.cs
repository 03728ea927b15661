using Microsoft.Extensions.DependencyInjection;
using Modular.Audit.Domain;
using Modular.Audit.Persistence;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;

namespace Modular.Audit;

/// <summary>Who did what, on what, from where: written in the transaction of the change itself, read by those who answer for it.</summary>
public sealed class AuditModule : IModule
{
    /// <inheritdoc />
    public string Name => "Audit";

    /// <inheritdoc />
    public string Schema => AuditDbContext.SchemaName;

    /// <inheritdoc />
    public IReadOnlyList<Grant> Grants => AuditPermissions.Grants;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddModuleDbContext<AuditDbContext>(Schema, TableRights.Append)
        .AddSingleton<AuditedTypes>();
}
