using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Modular.SharedKernel.Web;

namespace Modular.SharedKernel.Security;

/// <summary>
/// The user that <c>{user}</c> of the path names, as the edge read it. Routes take it as a parameter; it is resolved before
/// they run, and what the caller cannot read has been answered with 404.
/// </summary>
/// <param name="Id">Of the user.</param>
/// <param name="Username">As it is written.</param>
/// <param name="Roles">Site roles as stored, and the full names of organization roles.</param>
/// <param name="IsDeleted">Only on routes that say <see cref="RouteRules.AcceptsDeletedUser{TBuilder}"/>.</param>
public sealed record Target(Guid Id, string Username, IReadOnlyList<string> Roles, bool IsDeleted) : IEndpointParameterMetadataProvider
{
    /// <summary>The type of resource that a user is, in permissions and allow lists.</summary>
    public const string ResourceType = "user";

    /// <summary>Takes what the edge has resolved.</summary>
    public static ValueTask<Target?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<Target?>(context.Features.Get<Target>()
            ?? throw new InvalidOperationException("The route has no {user}, or runs before it is resolved."));

    /// <summary>Marks the route, so that the edge resolves <c>{user}</c> for it.</summary>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(TargetsUser.Instance);
}

/// <summary>Endpoint metadata: <c>{user}</c> is to be resolved before the route runs.</summary>
public sealed class TargetsUser
{
    /// <summary>The only one needed.</summary>
    public static readonly TargetsUser Instance = new();

    private TargetsUser()
    {
    }
}

/// <summary>
/// What the edge may ask of the module that owns the people. Handlers never ask: what they must be sure of they keep
/// themselves, fed by events.
/// </summary>
public interface IUserDirectory
{
    /// <summary>
    /// Resolves <c>{user}</c>: <c>me</c>, an id, or a username in any case. Null when there is no such user or the caller
    /// may not read it. A deleted user is found by id only.
    /// </summary>
    Task<Target?> ResolveAsync(Caller caller, string text, CancellationToken ct);

    /// <summary>Which of the ids are users that exist and are not deleted.</summary>
    Task<IReadOnlySet<Guid>> ExistingAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct);

    /// <summary>The wire form of users by id, deleted ones too, without their organizations; ids without a user are left out.</summary>
    Task<IReadOnlyDictionary<Guid, DescribedUser>> DescribeAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct);

    /// <summary>The id of the user that is not deleted and has the name, in any case.</summary>
    Task<Guid?> FindByNameAsync(string username, CancellationToken ct);

    /// <summary>The id of the organization that has the name and that the caller may read.</summary>
    Task<Guid?> FindOrganizationAsync(Caller caller, string name, CancellationToken ct);

    /// <summary>Organizations by id; ids without one are left out.</summary>
    Task<IReadOnlyDictionary<Guid, DescribedOrganization>> DescribeOrganizationsAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct);

    /// <summary>The ids of all users, deleted ones too, that have the address, in any case.</summary>
    Task<IReadOnlyList<Guid>> FindByEmailAsync(string email, CancellationToken ct);
}

/// <summary>A user as answers of other modules show it.</summary>
/// <param name="Id">Of the user.</param>
/// <param name="Username">As it is written now.</param>
/// <param name="Name">The person's name; empty where there is none.</param>
/// <param name="IsDeleted">Whether the user has been deleted meanwhile.</param>
/// <param name="Wire">The JSON object that a read of the user answers, with empty <c>organization_ids</c>.</param>
public sealed record DescribedUser(Guid Id, string Username, string Name, bool IsDeleted, object Wire);

/// <summary>An organization as answers of other modules show it.</summary>
/// <param name="Id">Of the organization.</param>
/// <param name="Name">As it is now.</param>
/// <param name="DisplayName">The name for people.</param>
/// <param name="Icon">An address; empty where there is none.</param>
public sealed record DescribedOrganization(Guid Id, string Name, string DisplayName, string Icon);
