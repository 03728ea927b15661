using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Modular.Host.Plugins;
using Modular.SharedKernel.Mcp;

namespace Modular.Host.Agents;

/// <summary>
/// Puts together, for one request, the server that its caller sees: the tools, prompts, resources and methods of every experiment that
/// is open to it. Nothing is kept between requests, and every list says that it is the caller's own and old at once.
/// </summary>
internal sealed partial class McpComposition(McpOfferings offerings, McpListening listening, ILogger<McpComposition> logger)
{
    /// <summary>The first revision in which what is not there is a wrong parameter.</summary>
    private const string MissingIsInvalid = "2026-07-28";

    internal async Task ComposeAsync(HttpContext http, McpServerOptions options)
    {
        var open = await offerings.OpenAsync(http);
        IMcpOffer[] offers = [.. open.Where(offering => offering.Offer is not null)
            .Select(offering => (IMcpOffer)http.RequestServices.GetRequiredService(offering.Offer!))];
        options.ServerInstructions = string.Join('\n', offers.Select(offer => offer.Instructions).Where(text => text is not null)) is { Length: > 0 } text ? text : null;
        options.Capabilities = new ServerCapabilities
        {
            Tools = new ToolsCapability { ListChanged = true },
            Prompts = new PromptsCapability { ListChanged = true },
            Resources = new ResourcesCapability { ListChanged = true },
            Completions = new CompletionsCapability(),
            Extensions = Joined(offers.SelectMany(offer => offer.Extensions)),
        };

        options.ToolCollection = [];
        foreach (var tool in open.SelectMany(offering => offering.Tools))
        {
            options.ToolCollection.TryAdd(tool);
        }

        options.Handlers = HandlersOf(offers, http);
        options.Filters.Message.OutgoingFilters.Add(TellOfStreams);
        options.Filters.Request.CallToolFilters.Add(LogFailures);
#pragma warning disable MCPEXP002 // The package has no other place for methods of extensions.
        options.RequestHandlers =
        [
            .. Joined(offers.SelectMany(offer => offer.Methods)).Select(method => new McpServerRequestHandler
            {
                Method = method.Key,
                Handler = async (request, ct) => await AnsweredAsync(method.Key, () => method.Value(request.Params as JsonObject, ct)),
            }),
        ];
#pragma warning restore MCPEXP002
    }

    private McpServerHandlers HandlersOf(IMcpOffer[] offers, HttpContext http) => new()
    {
        // Those of the collection are added to it.
        ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { TimeToLive = TimeSpan.Zero, CacheScope = CacheScope.Private }),
        ListPromptsHandler = async (_, ct) => new ListPromptsResult
        {
            Prompts = await AllAsync(RequestMethods.PromptsList, offers, offer => offer.ListPromptsAsync(ct)),
            TimeToLive = TimeSpan.Zero,
            CacheScope = CacheScope.Private,
        },
        GetPromptHandler = async (request, ct) =>
            await FirstAsync(RequestMethods.PromptsGet, offers, offer => offer.GetPromptAsync(request.Params.Name, ct))
            ?? throw new McpProtocolException("There is no prompt of this name.", McpErrorCode.InvalidParams),
        ListResourcesHandler = async (_, ct) => new ListResourcesResult
        {
            Resources = await AllAsync(RequestMethods.ResourcesList, offers, offer => offer.ListResourcesAsync(ct)),
            TimeToLive = TimeSpan.Zero,
            CacheScope = CacheScope.Private,
        },
        ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(new ListResourceTemplatesResult
        {
            ResourceTemplates = [.. offers.SelectMany(offer => offer.ResourceTemplates)],
            TimeToLive = TimeSpan.Zero,
            CacheScope = CacheScope.Private,
        }),
        ReadResourceHandler = async (request, ct) =>
        {
            var found = await FirstAsync(RequestMethods.ResourcesRead, offers, offer => offer.ReadAsync(request.Params.Uri, ct))
                ?? throw new McpProtocolException(
                    "There is no resource at this address.",
                    string.CompareOrdinal(request.Server.NegotiatedProtocolVersion, MissingIsInvalid) >= 0 ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound);
            (found.TimeToLive, found.CacheScope) = (TimeSpan.Zero, CacheScope.Private);
            return found;
        },
        CompleteHandler = async (request, ct) =>
        {
            var values = await FirstAsync(
                    RequestMethods.CompletionComplete, offers, offer => offer.CompleteAsync(request.Params.Ref, request.Params.Argument, ct))
                ?? throw new McpProtocolException("The reference is to nothing that has completions.", McpErrorCode.InvalidParams);
            return new CompleteResult { Completion = new Completion { Values = [.. values], Total = values.Count, HasMore = false } };
        },
        SubscriptionsListenHandler = async (request, ct) =>
            await AnsweredAsync(RequestMethods.SubscriptionsListen, () => listening.AnswerAsync(http, request, ct).AsTask()),
    };

    /// <summary>The package makes an answer of what a tool throws, and logs nothing.</summary>
    private McpRequestHandler<CallToolRequestParams, CallToolResult> LogFailures(McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        async (request, ct) =>
        {
            try
            {
                return await next(request, ct);
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or McpProtocolException))
            {
                NotAnswered(PluginFailure.Loggable(failure), RequestMethods.ToolsCall);
                throw;
            }
        };

    /// <summary>
    /// For a server without sessions the package announces, in its answer to 'initialize', that it sends no notifications of changes. Ours
    /// sends them, on the stream that a client of the older revisions opens for them.
    /// </summary>
    private static McpMessageHandler TellOfStreams(McpMessageHandler next) => (context, ct) =>
    {
        if (context.JsonRpcMessage is JsonRpcResponse { Result: JsonObject result } && result.ContainsKey("protocolVersion")
            && result["capabilities"] is JsonObject capabilities)
        {
            foreach (var (_, capability) in capabilities.Where(capability => capability.Key is "tools" or "prompts" or "resources"))
            {
                capability!["listChanged"] = true;
            }
        }

        return next(context, ct);
    };

    private static Dictionary<string, T> Joined<T>(IEnumerable<KeyValuePair<string, T>> members)
    {
        var joined = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            joined.TryAdd(name, value);
        }

        return joined;
    }

    private async Task<List<T>> AllAsync<T>(string method, IMcpOffer[] offers, Func<IMcpOffer, Task<IReadOnlyList<T>>> list)
    {
        var all = new List<T>();
        foreach (var offer in offers)
        {
            all.AddRange(await AnsweredAsync(method, () => list(offer)));
        }

        return all;
    }

    private async Task<T?> FirstAsync<T>(string method, IMcpOffer[] offers, Func<IMcpOffer, Task<T?>> find)
        where T : class
    {
        foreach (var offer in offers)
        {
            if (await AnsweredAsync(method, () => find(offer)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private async Task<T> AnsweredAsync<T>(string method, Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or McpProtocolException))
        {
            NotAnswered(PluginFailure.Loggable(failure), method);
            throw new McpProtocolException("The server cannot answer this at the moment. Try again later.", McpErrorCode.InternalError);
        }
    }

    [LoggerMessage(LogLevel.Error, "An agent's request {Method} could not be answered.")]
    private partial void NotAnswered(Exception failure, string method);
}
