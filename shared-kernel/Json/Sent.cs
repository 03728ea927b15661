using System.Text.Json;
using System.Text.Json.Serialization;

namespace Modular.SharedKernel.Json;

/// <summary>A member of a body whose absence means something else than null does.</summary>
/// <typeparam name="T">What the member holds when it is sent.</typeparam>
[JsonConverter(typeof(SentConverterFactory))]
public readonly record struct Sent<T>(T? Value)
{
    /// <summary>Whether the member was there, be it null. The default value is a member that was not.</summary>
    public bool WasSent { get; } = true;
}

/// <summary>Reads what was sent as the type that it holds.</summary>
public sealed class SentConverterFactory : JsonConverterFactory
{
    /// <inheritdoc />
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Sent<>);

    /// <inheritdoc />
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GenericTypeArguments))!;

    private sealed class Converter<T> : JsonConverter<Sent<T>>
    {
        public override bool HandleNull => true;

        public override Sent<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<T>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, Sent<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
