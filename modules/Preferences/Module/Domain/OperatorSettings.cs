using Modular.SharedKernel.Settings;

namespace Modular.Preferences.Domain;

/// <summary>What operators say about users' settings: what shows where a user has said nothing, and what shows whatever a user says.</summary>
internal sealed class OperatorSettings
{
    private readonly Dictionary<string, string> defaults = [];
    private readonly Dictionary<string, string> locks = [];

    private OperatorSettings()
    {
    }

    /// <summary>Reads <c>Preferences:Defaults:*</c> and <c>Preferences:Locked:*</c>.</summary>
    /// <exception cref="SettingException">A value is none that a user could choose.</exception>
    internal static OperatorSettings Read(SettingsReader settings)
    {
        var read = new OperatorSettings();
        foreach (var field in UserSettings.Groups.SelectMany(group => group.Fields))
        {
            Take($"Preferences:Defaults:{field.Name}", read.defaults);
            Take($"Preferences:Locked:{field.Name}", read.locks);

            void Take(string key, Dictionary<string, string> into)
            {
                if (settings.Text(key) is { } value)
                {
                    into[field.Name] = field.Problem(value) is { } problem
                        ? throw new SettingException(key, $"is '{value}'. {problem}")
                        : value;
                }
            }
        }

        return read;
    }

    internal string? DefaultOf(SettingField field) => defaults.GetValueOrDefault(field.Name);

    internal string? LockOf(SettingField field) => locks.GetValueOrDefault(field.Name);

    /// <summary>What the field shows, with what the user has stored. A value that is no longer one reads as none.</summary>
    internal string Shown(SettingField field, StoredSettings? stored) =>
        LockOf(field) ?? (stored?[field.Name] is string { Length: > 0 } own && field.Problem(own) is null ? own : DefaultOf(field) ?? field.Default);

    /// <summary>
    /// The refusal of the first value that counts and differs from its field's lock; null where all may be sent. What has no value sends nothing.
    /// </summary>
    internal Error? FindError(SettingsGroup group, SentSettings sent) => group.Fields
        .Where(field => field.Counts(sent) && sent[field.Name].Length > 0 && LockOf(field) is { } locked && locked != sent[field.Name])
        .Select(field => Error.Conflict("preferences.locked", "An operator has locked this setting.") with
        {
            Validations = [new Validation(field.Name, $"It stays '{LockOf(field)}'. Leave it out, or send that value.")],
        })
        .FirstOrDefault();
}
