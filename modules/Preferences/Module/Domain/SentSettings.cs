namespace Modular.Preferences.Domain;

/// <summary>What a request says of a group of settings.</summary>
internal class SentSettings
{
    private readonly Dictionary<string, string> values = [];

    /// <summary>The value; the empty text where none was sent, or null.</summary>
    internal string this[string field]
    {
        get => values.GetValueOrDefault(field, "");
        set => values[field] = value;
    }

    /// <summary>Whether the field was there, be it null or empty.</summary>
    internal bool Has(string field) => values.ContainsKey(field);
}
