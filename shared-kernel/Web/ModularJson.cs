using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Modular.SharedKernel.Text;

namespace Modular.SharedKernel.Web;

/// <summary>How JSON is written and read on every route: one set of options.</summary>
/// <remarks>
/// Written: snake_case names, no more escaped than <see cref="JsonEscaping"/> does, times in UTC by RFC 3339 with at most six digits and no
/// trailing zeros, a newline at the end. Read: names in any case, unknown members ignored, a known member at most once,
/// at most 32 levels, no U+0000 and no broken text in a string.
/// </remarks>
public static class ModularJson
{
    /// <summary>The content type of every JSON answer.</summary>
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>Levels of nesting a body may have; the root is the first.</summary>
    public const int MaxDepth = 32;

    /// <summary>What stands on the wire for a time that has not come yet, where clients know no null. Nothing stores it.</summary>
    public static readonly DateTimeOffset ZeroTime = DateTimeOffset.MinValue;

    /// <summary>The options of every route.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The body of an answer: one JSON value and a newline.</summary>
    public static byte[] Serialize<T>(T value)
    {
        using var buffer = new MemoryStream();
        JsonSerializer.Serialize(buffer, value, Options);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>A time as it stands on the wire.</summary>
    public static string Format(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JsonEscaping.Instance,
            AllowDuplicateProperties = false,
            MaxDepth = MaxDepth,
            NumberHandling = JsonNumberHandling.Strict,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { JsonMembersAttribute.AddDeclared } },
            Converters = { new TimeConverter(), new TextConverter(), new UuidConverter() },
        };
        options.MakeReadOnly();
        return options;
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String && Rfc3339.Parse(reader.GetString()!) is { } time
                ? time
                : throw new JsonException("A time of RFC 3339 was expected, with its offset.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Format(value));
    }

    /// <summary>PostgreSQL cannot store U+0000; the framework itself refuses lone surrogates and invalid UTF-8.</summary>
    private sealed class TextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType is not JsonTokenType.String)
            {
                throw new JsonException("A text was expected.");
            }

            var text = reader.GetString();
            return text is not null && !StorableText.Is(text) ? throw new JsonException("Text must not contain U+0000.") : text;
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value);
    }

    private sealed class UuidConverter : JsonConverter<Guid>
    {
        public override Guid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String && Uuid.TryParse(reader.GetString()!, out var id)
                ? id
                : throw new JsonException("A UUID was expected.");

        public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
