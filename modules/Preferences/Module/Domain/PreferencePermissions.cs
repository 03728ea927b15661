namespace Modular.Preferences.Domain;

/// <summary>Settings are a personal part of the user, so the rights to them are the user's; who holds them is said there.</summary>
internal static class PreferencePermissions
{
    internal static readonly Permission Read = new(Target.ResourceType, "read_personal");
    internal static readonly Permission Update = new(Target.ResourceType, "update_personal");
}
