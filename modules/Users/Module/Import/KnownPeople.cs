using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;

namespace Modular.Users.Import;

/// <summary>The users that the rows of a batch may be about, found in one go, and those that the batch itself has made.</summary>
internal sealed class KnownPeople
{
    private readonly Dictionary<string, User> byExternalId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, User> byEmail = new(StringComparer.Ordinal);
    private readonly HashSet<string> usernames = new(StringComparer.Ordinal);

    internal KnownPeople(IEnumerable<User> users)
    {
        foreach (var user in users)
        {
            Add(user);
        }
    }

    internal void Add(User user)
    {
        usernames.Add(user.UsernameKey);
        if (user.ExternalId is { } externalId)
        {
            byExternalId[externalId] = user;
        }

        if (user.EmailKey.Length > 0)
        {
            byEmail[user.EmailKey] = user;
        }
    }

    /// <summary>The user that the row is about: by its external id, or without one by its address.</summary>
    internal User? Find(ImportRow row) => string.IsNullOrEmpty(row.ExternalId)
        ? byEmail.GetValueOrDefault(AsciiLowerCase.Of(row.Email ?? ""))
        : byExternalId.GetValueOrDefault(row.ExternalId);

    internal bool HasUsername(string username) => usernames.Contains(AsciiLowerCase.Of(username));

    internal bool HasEmail(string email) => byEmail.ContainsKey(AsciiLowerCase.Of(email));
}
