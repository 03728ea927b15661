namespace Modular.Preferences.Domain;

/// <summary>The guard of a user's settings: locked by every write, and a tombstone once the user is deleted.</summary>
internal sealed class SettingsOwner
{
    public Guid UserId { get; init; }

    public bool Deleted { get; init; }
}
