using Microsoft.EntityFrameworkCore;
using Modular.SharedKernel.Persistence;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;
using Modular.Users.Domain;

namespace Modular.Users.Features;

/// <summary>What <c>q</c> of a user list asks for. Everything that is given must hold.</summary>
internal sealed record UserFilter
{
    /// <summary>Whether everybody is asked for.</summary>
    internal bool IsEmpty { get; private init; } = true;

    private string? Text { get; init; }

    private string? Name { get; init; }

    private IReadOnlyList<string> Statuses { get; init; } = [];

    private IReadOnlyList<string> Roles { get; init; } = [];

    private IReadOnlyList<string> LoginTypes { get; init; } = [];

    private bool? ServiceAccount { get; init; }

    private DateTimeOffset? LastSeenBefore { get; init; }

    private DateTimeOffset? LastSeenAfter { get; init; }

    private DateTimeOffset? CreatedBefore { get; init; }

    private DateTimeOffset? CreatedAfter { get; init; }

    private long? GitHubUserId { get; init; }

    /// <summary>Reads the search language; what is wrong is added to <paramref name="problems"/>, under the key inside it.</summary>
    internal static UserFilter Read(string q, List<Validation> problems)
    {
        var query = SearchQuery.Parse(q, freeTextKey: "search");
        var filter = new UserFilter
        {
            IsEmpty = q.Length == 0,
            Text = query.Text("search"),
            Name = query.Text("name"),
            Statuses = query.ManyOf("status", AccountStatus.All),
            Roles = query.List("role"),
            LoginTypes = query.ManyOf("login_type", LoginType.All),
            ServiceAccount = query.GoBool("service_account"),
            LastSeenBefore = query.Time("last_seen_before"),
            LastSeenAfter = query.Time("last_seen_after"),
            CreatedBefore = query.Time("created_before"),
            CreatedAfter = query.Time("created_after"),
            GitHubUserId = query.Int64("github_com_user_id"),
        };
        problems.AddRange(query.Finish());
        return filter;
    }

    internal IQueryable<User> Apply(IQueryable<User> users)
    {
        if (Text is { } text)
        {
            // Line breaks stand between the fields, so nobody has one within.
            users = text.Contains('\n', StringComparison.Ordinal) ? users.Where(user => false) : Containing(users, text);
        }

        if (Name is { } name)
        {
            // The first finds by the index, the second keeps to the name.
            users = Containing(users, name).Where(user => EF.Functions.ILike(user.Name, LikePattern.Containing(name), LikePattern.Escape));
        }

        if (Statuses.Count > 0)
        {
            users = users.Where(user => Statuses.Contains(user.Status));
        }

        // Everybody is a member, whatever else is asked for.
        if (Roles.Count > 0 && !Roles.Contains(SiteRole.Member))
        {
            users = users.Where(user => user.RbacRoles.Any(role => Roles.Contains(role)));
        }

        if (LoginTypes.Count > 0)
        {
            users = users.Where(user => LoginTypes.Contains(user.LoginType));
        }

        if (ServiceAccount is { } serviceAccount)
        {
            users = users.Where(user => user.IsServiceAccount == serviceAccount);
        }

        if (LastSeenBefore is { } lastSeenBefore)
        {
            users = users.Where(user => user.LastSeenAt <= lastSeenBefore);
        }

        if (LastSeenAfter is { } lastSeenAfter)
        {
            users = users.Where(user => user.LastSeenAt >= lastSeenAfter);
        }

        if (CreatedBefore is { } createdBefore)
        {
            users = users.Where(user => user.CreatedAt <= createdBefore);
        }

        if (CreatedAfter is { } createdAfter)
        {
            users = users.Where(user => user.CreatedAt >= createdAfter);
        }

        // Nobody has signed in through GitHub on a server that offers no such sign-in.
        return GitHubUserId is null ? users : users.Where(user => false);
    }

    private static IQueryable<User> Containing(IQueryable<User> users, string text) =>
        users.Where(user => EF.Functions.Like(user.SearchText, LikePattern.Containing(text), LikePattern.Escape));
}
