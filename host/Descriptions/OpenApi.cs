using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Modular.SharedKernel.Web;
using Scalar.AspNetCore;

namespace Modular.Host.Descriptions;

/// <summary>The API description at /openapi/v1.json and a page that shows it at /docs. Experiments are in neither.</summary>
internal static class OpenApi
{
    private const string Document = "v1";

    /// <summary>The page runs its own script and reads the description; nothing comes from elsewhere.</summary>
    private const string PagePolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'";

    internal static void AddModularDescriptions(this IServiceCollection services)
    {
        // The generator names members by these options; our own converters write what it takes the types for anyway.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddSingleton<IApiDescriptionProvider, BodyDescriptions>();
        services.AddOpenApi(Document, options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Modular",
                    Version = ServerSettings.OwnVersion,
                    Description = "Users, login sessions, scoped API tokens, preferences and an audit log. Errors have one form everywhere.",
                };
                document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
                SharedRefusal.AddTo(document);
                KeySchemes.AddTo(document);
                return Task.CompletedTask;
            });
            options.CreateSchemaReferenceId = type => SchemaNames.Of(type.Type);
            options.AddSchemaTransformer(SchemaDescriptions.DescribeAsync);
            options.AddOperationTransformer(OperationDescriptions.DescribeAsync);
        });
    }

    internal static void MapDescriptions(this WebApplication app)
    {
        app.MapOpenApi($"/openapi/{Document}.json").AllowsAnonymous();
        app.MapScalarApiReference("/docs", options => options
                .WithTitle("Modular API")
                .WithOpenApiRoutePattern($"/openapi/{Document}.json")
                .DisableDefaultFonts())
            .AllowsAnonymous()
            .Add(page =>
            {
                var show = page.RequestDelegate!;
                page.RequestDelegate = http =>
                {
                    http.Response.Headers.ContentSecurityPolicy = PagePolicy;
                    return show(http);
                };
            });
    }
}
