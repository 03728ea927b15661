using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Security;

namespace Modular.Host.Agents;

/// <summary>
/// Keeps a client's stream open and tells on it what has changed. Each second, and before anything is told, it looks whether the
/// stream may still be there: it ends with the key, with the account, and with the last experiment that offers anything.
/// </summary>
internal sealed class McpListening(McpStreams streams, McpOfferings offerings, IHostApplicationLifetime lifetime)
{
    private const string Tools = NotificationMethods.ToolListChangedNotification;
    private const string Prompts = NotificationMethods.PromptListChangedNotification;
    private const string Resources = NotificationMethods.ResourceListChangedNotification;

    private static readonly TimeSpan betweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Proxies cut what is silent for a minute, and a client that went away is noticed by writing to it.</summary>
    private const int LooksBetweenSigns = 15;

    /// <summary>The stream of the protocol's own: a request that is answered by notifications until it ends.</summary>
    internal async ValueTask<EmptyResult> AnswerAsync(HttpContext http, RequestContext<SubscriptionsListenRequestParams> request, CancellationToken ct)
    {
        var asked = request.Params.Notifications;
        var granted = new SubscriptionsListenNotifications
        {
            ToolsListChanged = asked.ToolsListChanged is true ? true : null,
            PromptsListChanged = asked.PromptsListChanged is true ? true : null,
            ResourcesListChanged = asked.ResourcesListChanged is true ? true : null,
        };
        var acknowledged = new SubscriptionsAcknowledgedNotificationParams { Notifications = granted };
        await SendAsync(
            NotificationMethods.SubscriptionsAcknowledgedNotification,
            JsonSerializer.SerializeToNode(acknowledged, McpJsonUtilities.DefaultOptions)!.AsObject(),
            ct);
        await ListenAsync(
            http,
            (method, ended) => IsGranted(method) ? SendAsync(method, [], ended) : Task.CompletedTask,
            _ => Task.CompletedTask,
            ct);
        return new EmptyResult();

        bool IsGranted(string method) => method switch
        {
            Tools => granted.ToolsListChanged is true,
            Prompts => granted.PromptsListChanged is true,
            _ => granted.ResourcesListChanged is true,
        };

        Task SendAsync(string method, JsonObject parameters, CancellationToken until)
        {
            parameters["_meta"] = new JsonObject
            {
                [MetaKeys.SubscriptionId] = JsonSerializer.SerializeToNode(request.JsonRpcRequest.Id, McpJsonUtilities.DefaultOptions),
            };
            return request.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, until);
        }
    }

    /// <summary>The stream of the older revisions: events that belong to no request.</summary>
    internal async Task StreamAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache,no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect them.
        await WriteAsync(": listening\n\n", http.RequestAborted);
        await ListenAsync(
            http,
            (method, ended) => WriteAsync(
                $"event: message\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"{method}\"}}\n\n", ended),
            ended => WriteAsync(": still here\n\n", ended),
            http.RequestAborted);

        async Task WriteAsync(string text, CancellationToken ct)
        {
            await http.Response.WriteAsync(text, ct);
            await http.Response.Body.FlushAsync(ct);
        }
    }

    private async Task ListenAsync(
        HttpContext http, Func<string, CancellationToken, Task> tell, Func<CancellationToken, Task> giveSign, CancellationToken ct)
    {
        using var stream = streams.Open(http.Features.Get<Caller>()!.UserId);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct, stream.Ended, lifetime.ApplicationStopping);
        var seen = await offerings.OpenAsync(http);
        try
        {
            for (var looks = 1; ; looks++)
            {
                var told = await stream.WaitAsync(betweenLooks, ended.Token);
                var open = await offerings.OpenNowAsync(http);
                if (open.Count == 0)
                {
                    return;
                }

                string[] changed = !open.SequenceEqual(seen) || told.Contains(McpStream.Anything) ? [Tools, Prompts, Resources]
                    : open.Any(offering => told.Contains(offering.FeatureFlag)) ? [Prompts, Resources]
                    : [];
                seen = open;
                foreach (var method in changed)
                {
                    await tell(method, ended.Token);
                }

                if (looks % LooksBetweenSigns == 0)
                {
                    await giveSign(ended.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // It has been ended from outside.
        }
        catch (Exception away) when (DatabaseRefusal.IsAway(away))
        {
            // Whether the key is still good cannot be asked. The client will come back.
        }
    }
}
