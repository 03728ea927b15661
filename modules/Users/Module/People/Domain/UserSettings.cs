using Modular.SharedKernel.Settings;

namespace Modular.Users.People.Domain;

/// <summary>What operators decide about logging in and listing people.</summary>
internal sealed record UserSettings(bool PasswordLoginDisabled, TimeSpan SessionDuration, string? SetupToken, int MaxPageSize, bool RolesAsStrings)
{
    internal static UserSettings Read(SettingsReader settings) => new(
        settings.Bool("PasswordAuth:Disabled", otherwise: false),
        settings.Duration("Sessions:Duration", TimeSpan.FromHours(24)),
        settings.Secret("Setup:Token"),
        settings.WholeNumber("Paging:MaxLimit", 0, least: 0),
        settings.Bool("Compatibility:UserRolesAsStrings", otherwise: false));

    /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
    public override string ToString() => nameof(UserSettings);
}
