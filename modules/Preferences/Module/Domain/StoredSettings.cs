namespace Modular.Preferences.Domain;

/// <summary>What a user has said of a group of settings. Null is what the user has never said.</summary>
internal sealed class StoredSettings
{
    private readonly Dictionary<string, object?> values = [];

    private StoredSettings()
    {
    }

    internal StoredSettings(Guid userId) => UserId = userId;

    public Guid UserId { get; private set; }

    /// <summary>The value of a field, always a text or null. Storage asks for an indexer of objects.</summary>
    public object? this[string field]
    {
        get => values.GetValueOrDefault(field);
        set => values[field] = value;
    }

    /// <summary>Takes what was sent of fields that are not locked. What has no value keeps what is there.</summary>
    internal void Change(SettingsGroup group, SentSettings sent, Predicate<SettingField> isLocked)
    {
        foreach (var field in group.Fields.Where(field => !isLocked(field)))
        {
            if (field.IsCleared(sent))
            {
                this[field.Name] = null;
            }
            else if (field.Counts(sent) && sent[field.Name] is { Length: > 0 } value)
            {
                this[field.Name] = value;
            }
        }
    }
}
