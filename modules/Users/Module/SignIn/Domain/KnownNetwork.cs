namespace Modular.Users.SignIn.Domain;

/// <summary>A network from which there was a login, to whichever account.</summary>
internal sealed class KnownNetwork
{
    /// <summary>Stands for all networks without a recent login.</summary>
    internal const string Strange = "";

    /// <summary>How long a login is recent.</summary>
    internal static readonly TimeSpan Trust = TimeSpan.FromDays(30);

    /// <summary>How old the time of a network's last login may be, so that not each login writes it and waits for the others that do.</summary>
    internal static readonly TimeSpan Precision = TimeSpan.FromHours(1);

    private KnownNetwork()
    {
    }

    public string Network { get; private set; } = Strange;

    public DateTimeOffset LastLoginAt { get; private set; }
}
