namespace Modular.Users.SignIn.Domain;

/// <summary>
/// Wrong passwords for an account, from one network of a recent login or from all others together. The account is a keyed hash of the
/// address that was typed, whether there is such an account or not.
/// </summary>
internal sealed class PasswordFailure
{
    internal static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(30);

    internal static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);

    /// <summary>Failures are forgotten when there was none for so long.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private PasswordFailure()
    {
    }

    public byte[] Account { get; private set; } = [];

    /// <summary>Empty for all networks without a recent login.</summary>
    public string Network { get; private set; } = KnownNetwork.Strange;

    /// <summary>Attempts since the last right password.</summary>
    public int Failures { get; private set; }

    /// <summary>Of the last attempt that was let in.</summary>
    public DateTimeOffset LastAt { get; private set; }

    /// <summary>Attempts before this are turned away.</summary>
    public DateTimeOffset WaitsUntil { get; private set; }

    /// <summary>Whether the last attempt was let in.</summary>
    public bool Admitted { get; private set; }
}
