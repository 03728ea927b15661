using Modular.SharedKernel.Settings;

namespace Modular.ApiKeys.Domain;

/// <summary>What operators decide about keys.</summary>
internal sealed record TokenSettings(
    TimeSpan MaxLifetime,
    TimeSpan MaxAdminLifetime,
    TimeSpan DefaultLifetime,
    bool AllowQueryParameter,
    int KeysPerUser,
    TimeSpan SessionAbsoluteLifetime,
    bool DisableExpiryRefresh,
    TimeSpan? Retention)
{
    internal static TokenSettings Read(SettingsReader settings) => new(
        Lifetime(settings, "Tokens:MaxLifetime", 876_600),
        Lifetime(settings, "Tokens:MaxAdminLifetime", 168),
        Lifetime(settings, "Tokens:DefaultLifetime", 168),
        settings.Bool("Tokens:AllowQueryParameter", otherwise: false),
        settings.WholeNumber("Limits:KeysPerUser", 1_000, least: 1),
        settings.Duration("Sessions:AbsoluteLifetime", TimeSpan.FromDays(30)),
        settings.Bool("Sessions:DisableExpiryRefresh", otherwise: false),
        settings.DurationOrNone("Retention:ApiKeys", TimeSpan.FromDays(7)));

    /// <summary>The longest lifetime of a token of a user with these site roles.</summary>
    internal TimeSpan LongestFor(IReadOnlyCollection<string> roles) => roles.Contains(SiteRole.Owner) ? MaxAdminLifetime : MaxLifetime;

    /// <summary>Lifetimes are nanoseconds in 64 bits on the wire: 292 years at most.</summary>
    private static TimeSpan Lifetime(SettingsReader settings, string key, int hours)
    {
        var lifetime = settings.Duration(key, TimeSpan.FromHours(hours));
        return lifetime.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick
            ? throw new SettingException(key, "is longer than 292 years, the longest lifetime that clients can be told.")
            : lifetime;
    }
}
