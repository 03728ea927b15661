using Modular.SharedKernel.Json;
using Modular.SharedKernel.Persistence;
using Modular.Users.People.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.People;

/// <summary>What <c>q</c> of a user list asks for. Everything that is given must hold.</summary>
internal sealed record UserFilter
{
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

    /// <summary>Whether everybody matches.</summary>
    internal bool IsEmpty => Text is null && Name is null && Statuses.Count == 0 && !AsksForRoles && LoginTypes.Count == 0 && ServiceAccount is null
        && LastSeenBefore is null && LastSeenAfter is null && CreatedBefore is null && CreatedAfter is null && GitHubUserId is null;

    /// <summary>Everybody is a member, whatever else is asked for.</summary>
    private bool AsksForRoles => Roles.Count > 0 && !Roles.Contains(SiteRole.Member);

    /// <summary>Reads the search language; what is wrong is added to <paramref name="problems"/>, under the key inside it.</summary>
    internal static UserFilter Read(string q, List<Validation> problems)
    {
        var query = SearchQuery.Parse(q, freeTextKey: "search");
        var filter = new UserFilter
        {
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
            users = Containing(users, text);
        }

        if (Name is { } name)
        {
            users = users.Where(user => EF.Functions.Like(user.SearchName, LikePattern.Containing(SearchForm.Of(name)), LikePattern.Escape));
        }

        // One value is compared by equality, for which its index is in the order of the list.
        users = Statuses switch
        {
            [] => users,
            [var status] => users.Where(user => user.Status == status),
            _ => users.Where(user => Statuses.Contains(user.Status)),
        };

        if (AsksForRoles)
        {
            users = users.Where(user => user.RbacRoles.Any(role => Roles.Contains(role)));
        }

        users = LoginTypes switch
        {
            [] => users,
            [var loginType] => users.Where(user => user.LoginType == loginType),
            _ => users.Where(user => LoginTypes.Contains(user.LoginType)),
        };

        if (ServiceAccount is { } serviceAccount)
        {
            users = serviceAccount ? users.Where(user => user.IsServiceAccount) : users.Where(user => !user.IsServiceAccount);
        }

        if (LastSeenBefore is { } lastSeenBefore)
        {
            users = users.Where(user => user.LastSeenAt == null || user.LastSeenAt <= lastSeenBefore);
        }

        // Who was never seen counts as seen at the zero time, which is what the list shows.
        if (LastSeenAfter is { } lastSeenAfter && lastSeenAfter > ModularJson.ZeroTime)
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

        // No user has signed in through GitHub on a server that offers no such sign-in.
        return GitHubUserId is null ? users : users.Where(user => false);
    }

    private static IQueryable<User> Containing(IQueryable<User> users, string text)
    {
        text = SearchForm.Of(text);
        if (text.Contains(User.FieldSeparator, StringComparison.Ordinal))
        {
            return users.Where(user => false);
        }

        users = users.Where(user => EF.Functions.Like(user.SearchText, LikePattern.Containing(text), LikePattern.Escape));

        // Letters like a domain's, which everybody has, make the search of a million users slow. With one @ in the text and in the user's
        // fields, what is before the one ends what is before the other: an index of that, read backwards, has them side by side.
        if (text.Split('@') is not [{ Length: > 0 } beforeAt, _])
        {
            return users;
        }

        var backwards = LikePattern.StartingWith(string.Concat(beforeAt.EnumerateRunes().Reverse()));
        return users.Where(user =>
            EF.Functions.Like(EF.Functions.Reverse(UsersDbContext.SplitPart(user.SearchText, "@", 1)), backwards, LikePattern.Escape)
            || EF.Functions.Like(user.SearchText, "%@%@%"));
    }
}
