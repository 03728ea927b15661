namespace Modular.Users.People.Domain;

/// <summary>How often routes may be called that guesses could be made at.</summary>
internal static class UserLimits
{
    /// <summary>Logging in, resetting and changing passwords.</summary>
    internal static readonly RateLimit Login = new("Login", 60, TimeSpan.FromMinutes(1), RateLimitSubject.AddressAndUser);
}
