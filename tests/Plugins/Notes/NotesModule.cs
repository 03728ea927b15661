using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Settings;
using Notes.Domain;
using Notes.Mcp;
using Notes.Persistence;

namespace Notes;

/// <summary>Lets every user keep short notes.</summary>
public sealed class NotesModule : IExperimentalModule
{
    public string Name => "Notes";

    public string Schema => NotesDbContext.SchemaName;

    public string FeatureFlag => "notes";

    public string Title => "Notes";

    public string Description => "Lets every user keep short notes below /api/experimental/users/{user}/notes.";

    public IReadOnlyList<string> RoutePatterns => ["/api/experimental/users/{user}/notes/{**rest}"];

    public IReadOnlyList<Grant> Grants => NotePermissions.Grants;

    public IReadOnlyList<Scope> Scopes => [.. Scope.Of(NotePermissions.Create, NotePermissions.Read)];

    public IReadOnlyList<AuditedResource> AuditedResources => [new(Note.ResourceType)];

    public void AddServices(IServiceCollection services) => services
        .AddModuleDbContext<NotesDbContext>(Schema)
        .AddMcpTools(FeatureFlag, NotePermissions.Read, ListNotesTool.Tool)
        .AddSettings(settings => new NoteSettings(settings.WholeNumber("Notes:MaxPerUser", otherwise: 100, least: 1)));
}

internal sealed record NoteSettings(int MaxPerUser);

internal static class NotePermissions
{
    internal static readonly Permission Create = new(Note.ResourceType, "create");
    internal static readonly Permission Read = new(Note.ResourceType, "read");

    internal static readonly IReadOnlyList<Grant> Grants =
    [
        new(SiteRole.Member, Reach.Own, Create, Read),
        new(SiteRole.Owner, Reach.Any, Read),
    ];
}
