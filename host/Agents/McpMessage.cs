using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Modular.Host.Agents;

/// <summary>
/// A message as the package is given it, or what it is refused with. The package takes parameters that are not what a method wants for a
/// failure of the server's; here they are the client's, whatever the method.
/// </summary>
/// <param name="Body">Null when it is refused.</param>
/// <param name="Refusal">Null when it is not.</param>
/// <param name="IsNewerInitialize">Whether it begins by naming a revision that has no such beginning, and now names the newest that has.</param>
internal sealed record McpMessage(byte[]? Body, JsonObject? Refusal = null, bool IsNewerInitialize = false)
{
    /// <summary>The newest revision that begins by 'initialize'; those that are newer have no beginning.</summary>
    private const string NewestWithInitialize = "2025-11-25";

    private const string Params = "params";
    private const string ProtocolVersion = "protocolVersion";

    private static readonly JsonDocumentOptions strict = new() { AllowDuplicateProperties = false };

    /// <summary>Methods that mean nothing without their parameters.</summary>
    private static readonly Dictionary<string, Type> needed = new(StringComparer.Ordinal)
    {
        [RequestMethods.Initialize] = typeof(InitializeRequestParams),
        [RequestMethods.ToolsCall] = typeof(CallToolRequestParams),
        [RequestMethods.PromptsGet] = typeof(GetPromptRequestParams),
        [RequestMethods.ResourcesRead] = typeof(ReadResourceRequestParams),
        [RequestMethods.ResourcesSubscribe] = typeof(SubscribeRequestParams),
        [RequestMethods.ResourcesUnsubscribe] = typeof(UnsubscribeRequestParams),
        [RequestMethods.CompletionComplete] = typeof(CompleteRequestParams),
        [RequestMethods.SubscriptionsListen] = typeof(SubscriptionsListenRequestParams),
#pragma warning disable MCP9005 // Clients of the older revisions call it.
        [RequestMethods.LoggingSetLevel] = typeof(SetLevelRequestParams),
#pragma warning restore MCP9005
    };

    /// <summary>Methods whose parameters may be left out.</summary>
    private static readonly Dictionary<string, Type> optional = new(StringComparer.Ordinal)
    {
        [RequestMethods.Ping] = typeof(PingRequestParams),
        [RequestMethods.ToolsList] = typeof(ListToolsRequestParams),
        [RequestMethods.PromptsList] = typeof(ListPromptsRequestParams),
        [RequestMethods.ResourcesList] = typeof(ListResourcesRequestParams),
        [RequestMethods.ResourcesTemplatesList] = typeof(ListResourceTemplatesRequestParams),
        [RequestMethods.ServerDiscover] = typeof(DiscoverRequestParams),
    };

    /// <summary>What stands in <c>_meta</c> for the package.</summary>
    private static readonly Dictionary<string, Type> meta = new(StringComparer.Ordinal)
    {
        [MetaKeys.ProtocolVersion] = typeof(string),
        [MetaKeys.ClientInfo] = typeof(Implementation),
        [MetaKeys.ClientCapabilities] = typeof(ClientCapabilities),
        [MetaKeys.LogLevel] = typeof(string),
    };

    /// <summary>It comes back in the answer, where each character may take six.</summary>
    private const int MaxIdLength = 128;

    /// <summary>Characters of everything else that answers may repeat.</summary>
    private const int MaxEchoed = 2_048;

    private static readonly string[] echoed = ["name", "uri", ProtocolVersion, "cursor", "level"];

    /// <summary>Whether the answer to a refused message has someone who waits for it.</summary>
    internal bool IsOfRequest => Refusal?.ContainsKey("id") is true;

    /// <summary>Looks at a body before the package does.</summary>
    internal static McpMessage Read(byte[] body)
    {
        JsonObject? message;
        try
        {
            message = JsonNode.Parse(body, documentOptions: strict) as JsonObject;
        }
        catch (JsonException)
        {
            return Refuse(id: null, McpErrorCode.ParseError, "The body is no JSON, or has a member twice.");
        }

        if (message is null)
        {
            return Refuse(id: null, McpErrorCode.InvalidRequest, "The body is no message: one object, not a list of several.");
        }

        if (TextOf(message, "id") is { Length: > MaxIdLength })
        {
            return Refuse(id: null, McpErrorCode.InvalidRequest, $"The 'id' is longer than {MaxIdLength} characters.");
        }

        if (TextOf(message, "method") is { Length: > MaxEchoed })
        {
            return Refuse(IdOf(message), McpErrorCode.MethodNotFound, "There is no method with so long a name.");
        }

        if (EchoedIn(message).FirstOrDefault(member => member.Text.Length > MaxEchoed) is { Name: { } tooLong })
        {
            return Refuse(IdOf(message), McpErrorCode.InvalidParams, $"'{tooLong}' is longer than {MaxEchoed} characters.");
        }

        if (!IsText(body))
        {
            return Refuse(IdOf(message), McpErrorCode.InvalidParams, "Text must be of whole characters, without U+0000.");
        }

        if (TextOf(message, "method") is not { } method || IdOf(message) is not { } id)
        {
            return new McpMessage(body); // A notification, an answer, or nothing; the package tells them apart.
        }

        if (ProblemOf(method, message[Params]) is { } problem)
        {
            return Refuse(id, McpErrorCode.InvalidParams, problem);
        }

        return method == RequestMethods.Initialize ? Initialize(body, message) : new McpMessage(body);
    }

    /// <summary>The protocol wants a server to answer with a revision that it speaks, where the client names another.</summary>
    private static McpMessage Initialize(byte[] body, JsonObject message)
    {
        var parameters = message[Params]!.AsObject();
        if (string.CompareOrdinal(TextOf(parameters, ProtocolVersion), NewestWithInitialize) <= 0)
        {
            return new McpMessage(body);
        }

        parameters[ProtocolVersion] = NewestWithInitialize;
        return new McpMessage(JsonSerializer.SerializeToUtf8Bytes(message), IsNewerInitialize: true);
    }

    private static string? ProblemOf(string method, JsonNode? parameters)
    {
        var type = needed.GetValueOrDefault(method) ?? optional.GetValueOrDefault(method);
        if (parameters is null)
        {
            return needed.ContainsKey(method) ? $"'{method}' needs 'params'." : null;
        }

        if (parameters is not JsonObject members)
        {
            return "'params' must be an object.";
        }

        if (type is not null && !Fits(members, type))
        {
            return $"'params' are not what '{method}' takes.";
        }

        return members["_meta"] switch
        {
            null => null,
            JsonObject found when found.All(member => !meta.TryGetValue(member.Key, out var expected) || (member.Value is not null && Fits(member.Value, expected))) => null,
            _ => "'_meta' is not what the protocol says.",
        };
    }

    /// <summary>Whether the package can read it, with everything that it relies on.</summary>
    private static bool Fits(JsonNode value, Type type)
    {
        try
        {
            value.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(type));
            return HasAll(value, type);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>A member that is required may be null as far as the package's reading goes.</summary>
    private static bool HasAll(JsonNode value, Type type) =>
        McpJsonUtilities.DefaultOptions.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } known
        || value is not JsonObject members
        || known.Properties.All(property => members[property.Name] is { } member ? HasAll(member, property.PropertyType) : !property.IsRequired);

    /// <summary>Whether every text in it has characters that can be stored.</summary>
    private static bool IsText(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.GetString()!.Contains('\0', StringComparison.Ordinal))
                {
                    return false;
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // Half a character, or bytes that are none.
        }
    }

    /// <summary>What the package repeats of a message where it is wrong.</summary>
    private static IEnumerable<(string Name, string Text)> EchoedIn(JsonObject message)
    {
        if (message[Params] is not JsonObject parameters)
        {
            return [];
        }

        var about = parameters["_meta"] as JsonObject;
        return echoed.Select(name => (Name: name, Text: TextOf(parameters, name)))
            .Concat(meta.Keys.Append("progressToken").Select(name => (Name: name, Text: about is null ? null : TextOf(about, name))))
            .Where(member => member.Text is not null)
            .Select(member => (member.Name, member.Text!));
    }

    /// <summary>Texts and whole numbers are ids; others the package refuses.</summary>
    private static JsonValue? IdOf(JsonObject message) => message["id"] is JsonValue id
        && (id.GetValueKind() == JsonValueKind.String ? TextOf(message, "id") is not null : id.TryGetValue<long>(out _)) ? id : null;

    private static string? TextOf(JsonObject from, string member)
    {
        try
        {
            return from[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half a character.
        }
    }

    private static McpMessage Refuse(JsonNode? id, McpErrorCode code, string why)
    {
        var refusal = new JsonObject { ["jsonrpc"] = "2.0", ["error"] = new JsonObject { ["code"] = (int)code, ["message"] = why } };
        if (id is not null)
        {
            refusal["id"] = id.DeepClone();
        }

        return new McpMessage(null, refusal);
    }
}
