using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Modular.Tests.Api.Support;

/// <summary>
/// Holds every answer that a test receives against the API description: its status must be one that the operation declares, and its
/// body what that status promises, with no member more. What was received is noted for the tests that run after these.
/// </summary>
internal sealed class DescribedAnswers(HttpMessageHandler network) : DelegatingHandler(network)
{
    /// <summary>A folder for the description, and for a line <c>operation status</c> of each pair that was received. See ./test.</summary>
    private const string ReceivedVariable = "MODULAR_RECEIVED";

    private static readonly Uri schemas = new("https://modular.invalid/api");
    private static readonly EvaluationOptions strict = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };
    private static readonly EvaluationOptions inDetail = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private static readonly ConcurrentDictionary<(string Operation, string Status), bool> received = [];
    private static readonly ConcurrentDictionary<string, JsonSchema> compiled = [];
    private static readonly Lock writing = new();
    private static Task<List<Described>>? description;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var operations = await (description ??= ReadAsync(new Uri(request.RequestUri!, "/openapi/v1.json")));
        var path = request.RequestUri!.AbsolutePath;
        if (request.Method != HttpMethod.Head && operations.Find(operation => operation.Is(request.Method.Method, path)) is { } operation)
        {
            await CheckAsync(operation, answer);
        }

        return answer;
    }

    private static async Task CheckAsync(Described operation, HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        Assert.True(operation.Responses.TryGetPropertyValue(status, out var response), $"{operation.Id} answers {status}, which its description does not declare.");
        var contents = response!["content"]?.AsObject();
        if (contents is null)
        {
            Assert.True(answer.Content.Headers.ContentLength is null or 0 || answer.StatusCode == HttpStatusCode.NotModified, $"{operation.Id} {status} has a body that is not described.");
        }
        else
        {
            var mediaType = answer.Content.Headers.ContentType?.MediaType ?? "";
            Assert.True(contents.ContainsKey(mediaType), $"{operation.Id} {status} is {mediaType}, which its description does not declare.");

            // Lines that come one by one are for the test that sent them.
            if (mediaType == "application/json")
            {
                await answer.Content.LoadIntoBufferAsync();
                using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
                var schema = compiled.GetOrAdd($"{operation.Id} {status}", _ => Schema(contents[mediaType]!["schema"]!));
                if (!schema.Evaluate(body.RootElement, strict).IsValid)
                {
                    var problems = Problems(schema.Evaluate(body.RootElement, inDetail));
                    Assert.Fail($"{operation.Id} {status} is not as described: {string.Join("; ", problems)} in {body.RootElement.GetRawText()}");
                }
            }
        }

        Note(operation.Id, status);
    }

    private static IEnumerable<string> Problems(EvaluationResults result) =>
        result.Details.Where(detail => detail.HasErrors).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Value}"));

    private static void Note(string operation, string status)
    {
        if (Environment.GetEnvironmentVariable(ReceivedVariable) is { Length: > 0 } folder && received.TryAdd((operation, status), true))
        {
            lock (writing)
            {
                File.AppendAllText(Path.Combine(folder, "received"), $"{operation} {status}\n");
            }
        }
    }

    private static JsonSchema Schema(JsonNode schema) => JsonSchema.FromText(schema.ToJsonString());

    private static async Task<List<Described>> ReadAsync(Uri address)
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(address);
        if (Environment.GetEnvironmentVariable(ReceivedVariable) is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "v1.json"), text);
        }

        var document = JsonNode.Parse(text.Replace("#/components/schemas/", $"{schemas}#/$defs/", StringComparison.Ordinal))!;
        var named = document["components"]!["schemas"]!.AsObject();
        foreach (var (_, schema) in named)
        {
            Close(schema!);
        }

        SchemaRegistry.Global.Register(schemas, Schema(new JsonObject { ["$id"] = schemas.ToString(), ["$defs"] = named.DeepClone() }));
        return
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               let responses = new JsonObject(operation.Value!["responses"]!.AsObject().Select(response => KeyValuePair.Create(
                   response.Key, Resolve(document, response.Value!).DeepClone()))!)
               orderby path.Key.Count(c => c == '{')
               select new Described(operation.Value!["operationId"]!.GetValue<string>(), operation.Key, path.Key.Split('/'), responses),
        ];
    }

    private static JsonNode Resolve(JsonNode document, JsonNode response) =>
        response["$ref"]?.GetValue<string>() is { } reference ? document["components"]!["responses"]![reference.Split('/')[^1]]! : response;

    /// <summary>A member that is not described is a fault here, though clients ignore it.</summary>
    private static void Close(JsonNode schema)
    {
        if (schema is JsonObject described)
        {
            if (described["properties"] is JsonObject && !described.ContainsKey("additionalProperties"))
            {
                described["additionalProperties"] = false;
            }

            foreach (var (_, inner) in described.ToList())
            {
                Close(inner!);
            }
        }
        else if (schema is JsonArray list)
        {
            foreach (var inner in list)
            {
                Close(inner!);
            }
        }
    }

    private sealed record Described(string Id, string Method, string[] Path, JsonObject Responses)
    {
        internal bool Is(string method, string path)
        {
            var parts = path.TrimEnd('/').Split('/');
            return Method.Equals(method, StringComparison.OrdinalIgnoreCase)
                && parts.Length == Path.Length
                && parts.Zip(Path).All(pair => pair.Second.StartsWith('{') ? pair.First.Length > 0 : pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
        }
    }
}
