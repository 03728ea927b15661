using System.Text.Json;
using System.Text.Json.Serialization;
using Modular.SharedKernel.Text;

namespace Modular.ApiKeys.Domain;

/// <summary>The resources that a key may be used on, in normal form: <c>type:id</c>, sorted, nothing said twice.</summary>
internal sealed class AllowList
{
    /// <summary>Stands for every type, or every id.</summary>
    internal const string Any = "*";

    /// <summary>Entries that a request may have, counted as sent.</summary>
    internal const int MaxEntries = 128;

    internal static readonly AllowList Everything = new([new AllowListEntry(Any, Any)]);

    private AllowList(IReadOnlyList<AllowListEntry> entries) => Entries = entries;

    internal IReadOnlyList<AllowListEntry> Entries { get; }

    internal IEnumerable<string> Texts => Entries.Select(entry => entry.ToString());

    internal bool AdmitsEverything => Entries is [{ Type: Any, Id: Any }];

    /// <summary>Brings entries, whose types and ids have been checked, into normal form.</summary>
    internal static AllowList Of(IEnumerable<AllowListEntry> entries)
    {
        var canonical = entries
            .Select(entry => entry.Id != Any && Uuid.TryParse(entry.Id, out var id) ? entry with { Id = id.ToString() } : entry)
            .ToHashSet();
        if (canonical.Contains(Everything.Entries[0]))
        {
            return Everything;
        }

        var wholeTypes = canonical.Where(entry => entry.Id == Any).Select(entry => entry.Type).ToHashSet();
        return new AllowList([.. canonical
            .Where(entry => entry.Id == Any || !wholeTypes.Contains(entry.Type))
            .OrderBy(entry => entry.Type, StringComparer.Ordinal)
            .ThenBy(entry => entry.Id, StringComparer.Ordinal)]);
    }

    internal static AllowList OfStored(IEnumerable<string> texts) => new([.. texts.Select(text => AllowListEntry.Parse(text)!)]);

    /// <summary>The ids of the type that are admitted; null for all of them. <c>*:id</c> admits nothing.</summary>
    internal HashSet<Guid>? IdsOf(string type) => AdmitsEverything || Entries.Any(entry => entry.Type == type && entry.Id == Any)
        ? null
        : [.. Entries.Where(entry => entry.Type == type).Select(entry => Guid.Parse(entry.Id))];

    /// <summary>Whether the entry admits nothing that this list does not.</summary>
    internal bool Covers(AllowListEntry entry) =>
        AdmitsEverything || Entries.Contains(entry) || (entry.Type != Any && Entries.Any(mine => mine.Type == entry.Type && mine.Id == Any));
}

/// <summary>A type, or every type, and an id, or every id. Read as an object or as the text <c>type:id</c>, written as an object.</summary>
[JsonConverter(typeof(Converter))]
[WrittenAs(typeof(AllowListItem))]
internal sealed record AllowListEntry(string Type, string Id)
{
    public override string ToString() => $"{Type}:{Id}";

    internal static AllowListEntry? Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || Make(text[..colon].Trim(), text[(colon + 1)..].Trim()) is not { } entry ? null : entry;
    }

    private static AllowListEntry? Make(string? type, string? id) =>
        string.IsNullOrEmpty(type) || string.IsNullOrEmpty(id) ? null : new AllowListEntry(type, id);

    internal sealed record AllowListItem(string Type, string Id);

    private sealed class Converter : JsonConverter<AllowListEntry>
    {
        /// <summary>Null is no entry, and is refused with everything else that is none.</summary>
        public override bool HandleNull => true;

        public override AllowListEntry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var entry = reader.TokenType is JsonTokenType.String
                ? Parse(JsonSerializer.Deserialize<string>(ref reader, options)!)
                : JsonSerializer.Deserialize<AllowListItem>(ref reader, options) is { } pair ? Make(pair.Type, pair.Id) : null;
            return entry ?? throw new JsonException("An entry of an allow list has a type and an id.");
        }

        public override void Write(Utf8JsonWriter writer, AllowListEntry value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new AllowListItem(value.Type, value.Id), options);
    }
}
