using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Modular.Host.Experiments;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>
/// The API description at /openapi/v1.json and a page that shows it at /docs. Experiments are in neither; operators find those that are
/// on at /openapi/experimental.json.
/// </summary>
internal static class OpenApi
{
    private const string Document = "v1";
    private const string Experiments = "experimental";
    private const string Json = "application/json; charset=utf-8";

    /// <summary>The page brings its scripts and styles as files of its own and reads the description; nothing is inline or comes from elsewhere.</summary>
    private const string PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    internal static void AddModularDescriptions(this IServiceCollection services)
    {
        // The generator names members by these options; our own converters write what it takes the types for anyway.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolver = json.SerializerOptions.TypeInfoResolver!.WithAddedModifier(JsonMembersAttribute.AddDeclared);
        });
        services.AddSingleton<IApiDescriptionProvider, BodyDescriptions>();
        services.AddSingleton<FixedDescription>();
        services.AddDocument(
            Document, "Modular", "Users, login sessions, scoped API tokens, preferences and an audit log. Errors have one form everywhere.");
        services.AddDocument(Experiments, "Modular: experiments", "What is being tried on this server at the moment. It may change or go at any time.");
        services.AddOptions<OpenApiOptions>(Document).Configure(options => options.ShouldInclude = route => FlagOf(route) is null);
        services.AddOptions<OpenApiOptions>(Experiments).Configure<FeatureStore>((options, store) => options.ShouldInclude = route =>
            FlagOf(route) is { } flag && store.Find(flag) is { Enabled: true });
    }

    private static string? FlagOf(ApiDescription route) => route.ActionDescriptor.EndpointMetadata.OfType<RouteOfExperiment>().FirstOrDefault()?.FeatureFlag;

    private static void AddDocument(this IServiceCollection services, string name, string title, string description) =>
        services.AddOpenApi(name, options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = title, Version = ServerSettings.OwnVersion, Description = description };
                document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
                SharedRefusal.AddTo(document);
                KeySchemes.AddTo(document);
                return Task.CompletedTask;
            });
            options.CreateSchemaReferenceId = type => SchemaNames.Of(type.Type);
            options.AddSchemaTransformer(SchemaDescriptions.DescribeAsync);
            options.AddOperationTransformer(OperationDescriptions.DescribeAsync);
        });

    /// <summary>The framework's own route takes the document's name from the query string too, and would tell anybody of experiments.</summary>
    private static async Task<string> TextOfAsync(IOpenApiDocumentProvider document, CancellationToken ct) =>
        await (await document.GetOpenApiDocumentAsync(ct)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct);

    /// <summary>Made once, when it is first asked for: it stays the same while the server runs, and anybody may ask for it any number of times.</summary>
    private sealed class FixedDescription([FromKeyedServices(Document)] IOpenApiDocumentProvider document)
    {
        private readonly Lazy<Task<string>> text = new(() => TextOfAsync(document, CancellationToken.None));

        internal Task<string> Text => text.Value;
    }

    internal static void MapDescriptions(this WebApplication app)
    {
        app.MapGet($"/openapi/{Document}.json", async (FixedDescription description) => Results.Text(await description.Text, Json))
            .AllowsAnonymous()
            .ExcludeFromDescription();
        app.MapGet(ExperimentGates.DescriptionPath, async ([FromKeyedServices(Experiments)] IOpenApiDocumentProvider document, CancellationToken ct) =>
                Results.Text(await TextOfAsync(document, ct), Json))
            .HandlerRequires(WithoutPermission.UnknownPath, HostPermissions.ReadDeployment)
            .ExcludeFromDescription();
        app.MapSwaggerUI("docs", page =>
            {
                page.DocumentTitle = "Modular API";
                page.SwaggerEndpoint($"/openapi/{Document}.json", "Modular");
                page.DisplayRequestDuration();
            })
            .AllowsAnonymous()
            .ExcludeFromDescription()
            .Add(page =>
            {
                var files = new SharedFiles(page.RequestDelegate!);
                page.RequestDelegate = http =>
                {
                    http.Response.Headers.ContentSecurityPolicy = PagePolicy;
                    return files.SendAsync(http);
                };
            });
    }
}
