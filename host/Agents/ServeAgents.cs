using System.Net;
using Carter;
using Microsoft.AspNetCore.Http.Metadata;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using Modular.Host.Server;
using Modular.SharedKernel.Mcp;
using Modular.SharedKernel.Settings;
using Modular.SharedKernel.Web;

namespace Modular.Host.Agents;

/// <summary>
/// Serves the Model Context Protocol to agents. There are no sessions: any server answers any message, from what is in the database at
/// that moment. A client that wants to hear of changes keeps a stream open.
/// </summary>
internal static class ServeAgents
{
    internal const string Path = "/api/experimental/mcp";

    /// <summary>The first revision of the protocol that has no stream beside its requests.</summary>
    private const string WithoutStreams = "2026-07-28";

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app)
        {
            var permissions = app.ServiceProvider.GetServices<McpOffering>().Select(offering => offering.Permission).Distinct().ToArray();

            // It shows what each of them opens, and every caller only what is the caller's own.
            var access = new RouteAccess(RouteAccessKind.Permission, permissions) { OneOnOwn = true };
            app.MapMcp(Path)
                .WithMetadata(access)
                .AddEndpointFilter<IEndpointConventionBuilder, McpAccess>()
                .WithName("AnswerAgent")
                .WithMetadata(new RequestExample("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""))
                .ExcludeFromDescription()

                // Else a wrong content type is refused before it is asked for a key.
                .Finally(route => Remove<IAcceptsMetadata>(route.Metadata));

            app.MapGet(Path, StreamAsync)
                .WithMetadata(access)
                .AddEndpointFilter<McpAccess>()
                .WithName("TellAgent")
                .ExcludeFromDescription();
        }
    }

    private static Task StreamAsync(HttpContext http, McpListening listening)
    {
        if (!http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)))
        {
            return http.WriteErrorAsync(HttpStatusCode.NotAcceptable, "The answer is a stream of events.", "Accept text/event-stream.");
        }

        if (string.CompareOrdinal(http.Request.Headers["MCP-Protocol-Version"].ToString(), WithoutStreams) >= 0)
        {
            http.Response.Headers.Allow = HttpMethods.Post;
            return http.WriteErrorAsync(
                HttpStatusCode.MethodNotAllowed, "This path does not take this method.", "From its revision 2026-07-28 on the protocol has subscriptions/listen instead.");
        }

        return listening.StreamAsync(http);
    }

    private static void Remove<T>(IList<object> metadata)
    {
        foreach (var item in metadata.Where(item => item is T).ToArray())
        {
            metadata.Remove(item);
        }
    }
}

/// <summary>What serving agents takes.</summary>
internal static class McpServices
{
    internal static void AddMcp(this IServiceCollection services)
    {
        services.AddMcpServer(options => options.ServerInfo = new Implementation { Name = "modular", Version = ServerSettings.OwnVersion })
            .WithHttpTransport(transport =>
            {
                transport.SessionMode = HttpServerSessionMode.Stateless;
                transport.ConfigureSessionOptions = (http, options, _) =>
                    http.RequestServices.GetRequiredService<McpComposition>().ComposeAsync(http, options);
            });

        // It takes what clients do wrong, such as to ask for what is not there, for failures. Ours are logged by McpComposition.
        services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.None));
        services
            .AddSettings(McpStreams.Read)
            .AddScoped<McpOfferings>()
            .AddScoped<McpListening>()
            .AddScoped<McpComposition>()
            .AddScoped<IMcpChanges, McpChanges>()
            .AddHostedService<McpChangeListener>();
    }
}
