using Modular.Preferences.Domain;

namespace Modular.Preferences.Features;

/// <summary>A group of settings as it shows: every field has a value.</summary>
internal sealed class ShownSettings
{
    private ShownSettings(IEnumerable<KeyValuePair<string, object>> values) => Values = new(values);

    /// <summary>As they are written in JSON, in the order of the fields.</summary>
    internal OrderedDictionary<string, object> Values { get; }

    internal string ETag => EntityTag.Of(Values);

    /// <summary>What shows, with what the user has stored.</summary>
    internal static ShownSettings Of(SettingsGroup group, StoredSettings? stored, OperatorSettings operators) =>
        new(group.Fields.Select(field => KeyValuePair.Create(field.Name, field.OnTheWire(operators.Shown(field, stored)))));

    /// <summary>As the API description shows the group.</summary>
    internal static string Example(SettingsGroup group) => System.Text.Json.JsonSerializer.Serialize(
        group.Fields.ToDictionary(field => field.Name, field => field.OnTheWire(field.Example ?? field.Default)));
}

/// <summary>The answer's members are the fields of its group.</summary>
internal abstract class SettingsAnswer(ShownSettings shown)
{
    internal ShownSettings Shown => shown;
}

/// <summary>How the product looks for a user.</summary>
[FieldsOf(UserSettings.AppearanceGroup)]
internal sealed class AppearanceAnswer(ShownSettings shown) : SettingsAnswer(shown);

/// <summary>How the product behaves for a user.</summary>
[FieldsOf(UserSettings.PreferencesGroup)]
internal sealed class PreferencesAnswer(ShownSettings shown) : SettingsAnswer(shown);

/// <summary>A change of how the product looks for a user.</summary>
[FieldsOf(UserSettings.AppearanceGroup)]
internal sealed class ChangeAppearanceInput : SentSettings;

/// <summary>A change of how the product behaves for a user.</summary>
[FieldsOf(UserSettings.PreferencesGroup)]
internal sealed class ChangePreferencesInput : SentSettings;
