using Modular.Audit.Domain;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Text;

namespace Modular.Audit.Features;

/// <summary>What <c>q</c> of the log asks for. Everything that is given must hold.</summary>
internal sealed record AuditFilter
{
    private string? ResourceType { get; init; }

    private string? Action { get; init; }

    private Guid? ResourceId { get; init; }

    private string? ResourceTarget { get; init; }

    private DateTimeOffset? From { get; init; }

    private DateTimeOffset? Until { get; init; }

    private Guid? OrganizationId { get; init; }

    private Guid? RequestId { get; init; }

    /// <summary>Who acted; null where nothing was asked, empty where no user matches.</summary>
    private IReadOnlyList<Guid>? Actors { get; init; }

    private bool BuildsOnly { get; init; }

    /// <summary>Reads the search language; names of people are looked up here, at the edge.</summary>
    internal static async Task<AuditFilter> ReadAsync(
        string q, Caller caller, IUserDirectory users, AuditedTypes types, List<Validation> problems, CancellationToken ct)
    {
        var query = SearchQuery.Parse(q, freeTextKey: "resource_type");
        var username = query.Text("username");
        var email = query.Text("email");
        var organization = query.Text("organization");
        var filter = new AuditFilter
        {
            ResourceType = query.OneOf("resource_type", types.Filterable),
            Action = query.OneOf("action", AuditVocabulary.Actions),
            ResourceId = query.Uuid("resource_id"),
            ResourceTarget = query.Text("resource_target"),
            From = Midnight(query.Date("date_from")),
            Until = query.Date("date_to") is { } last && last < DateOnly.MaxValue ? Midnight(last.AddDays(1)) : null,
            RequestId = query.Uuid("request_id"),
            BuildsOnly = query.OneOf("build_reason", AuditVocabulary.BuildReasons) is not null,
        };
        problems.AddRange(query.Finish());
        if (organization is not null)
        {
            Guid? found = Uuid.TryParse(organization, out var id) ? id : await users.FindOrganizationAsync(caller, organization, ct);
            filter = filter with { OrganizationId = found };
            if (found is null)
            {
                problems.Add(new Validation("organization", $"There is no organization '{organization}' that you may read."));
            }
        }

        if (problems.Count > 0)
        {
            return filter;
        }

        var actors = await ActorsAsync(username, email, caller, users, ct);
        return filter with { Actors = actors };
    }

    internal IQueryable<AuditEntry> Apply(IQueryable<AuditEntry> entries)
    {
        if (ResourceType is { } type)
        {
            entries = entries.Where(entry => entry.ResourceType == type);
        }

        if (Action is { } action)
        {
            entries = entries.Where(entry => entry.Action == action);
        }

        if (ResourceId is { } resource)
        {
            entries = entries.Where(entry => entry.ResourceId == resource);
        }

        if (ResourceTarget is { } target)
        {
            entries = entries.Where(entry => EF.Functions.ILike(entry.ResourceTarget, LikePattern.Exactly(target), LikePattern.Escape));
        }

        if (From is { } from)
        {
            entries = entries.Where(entry => entry.Time >= from);
        }

        if (Until is { } until)
        {
            entries = entries.Where(entry => entry.Time < until);
        }

        if (OrganizationId is { } organization)
        {
            entries = entries.Where(entry => entry.OrganizationId == organization);
        }

        if (RequestId is { } request)
        {
            entries = entries.Where(entry => entry.RequestId == request);
        }

        if (Actors is { } actors)
        {
            entries = entries.Where(entry => entry.UserId != null && actors.Contains(entry.UserId.Value));
        }

        // The reason of a workspace build: accepted from clients that know workspaces, and true of nothing here.
        return BuildsOnly ? entries.Where(entry => false) : entries;
    }

    private static DateTimeOffset? Midnight(DateOnly? day) =>
        day is { } date ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;

    private static async Task<IReadOnlyList<Guid>?> ActorsAsync(
        string? username, string? email, Caller caller, IUserDirectory users, CancellationToken ct)
    {
        IReadOnlyList<Guid>? byName = username switch
        {
            null => null,
            "me" => [caller.UserId],
            _ => await users.FindByNameAsync(username, ct) is { } id ? [id] : [],
        };
        var byEmail = email is null ? null : await users.FindByEmailAsync(email, ct);
        return byName is null || byEmail is null ? byName ?? byEmail : [.. byName.Intersect(byEmail)];
    }
}
