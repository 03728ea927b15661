using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Modular.SharedKernel.Results;
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
                document.Servers = null;
                return Task.CompletedTask;
            });
            options.CreateSchemaReferenceId = type =>
                SchemaNames.Of(type.Type) ?? OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddSchemaTransformer(LeaveOutWhatMayBeAbsent);
            options.AddOperationTransformer(DescribeBodiesAsync);
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

    /// <summary>A member that is left out when it is empty is not required.</summary>
    private static Task LeaveOutWhatMayBeAbsent(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute, ..])
            {
                schema.Required?.Remove(property.Name);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Bodies and answers as the slices say them, since they are read and written past the framework's own binding.</summary>
    private static async Task DescribeBodiesAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RequestBodyOf>().FirstOrDefault() is { } body)
        {
            var schema = await SchemaAsync(context, body.Type, ct);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = body.MediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema }),
            };
        }

        DescribeParameters(operation, context);
        operation.Responses = [];
        var answers = metadata.OfType<Answer>().ToList();
        if (metadata.OfType<RouteAccess>().FirstOrDefault() is { Kind: not RouteAccessKind.Anonymous })
        {
            answers.Add(new Answer(StatusCodes.Status401Unauthorized, typeof(ErrorBody)));
        }

        foreach (var answer in answers.DistinctBy(answer => answer.Status).OrderBy(answer => answer.Status))
        {
            var response = new OpenApiResponse { Description = ReasonPhrases.GetReasonPhrase(answer.Status) };
            if (answer.Body is not null)
            {
                response.Content = new Dictionary<string, OpenApiMediaType> { [answer.MediaType] = new() { Schema = await SchemaAsync(context, answer.Body, ct) } };
            }

            operation.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = response;
        }
    }

    /// <summary>The names of the path, also those that the edge resolves, and what the route reads of the query.</summary>
    private static void DescribeParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var path = context.Description.RelativePath!.Split('/').Where(part => part.StartsWith('{')).Select(part => new OpenApiParameter
        {
            Name = part.Trim('{', '}'),
            In = ParameterLocation.Path,
            Required = true,
            Description = part == "{user}" ? "An id, a username in any case, or 'me'." : null,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        var query = context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameter>().Select(parameter => new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        operation.Parameters = [.. path, .. query];
    }

    /// <summary>Named types stand once, among the document's components.</summary>
    private static async Task<IOpenApiSchema> SchemaAsync(OpenApiOperationTransformerContext context, Type type, CancellationToken ct)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = await SchemaAsync(context, type.GenericTypeArguments[0], ct) };
        }

        var schema = await context.GetOrCreateSchemaAsync(type, null, ct);
        if (SchemaNames.Of(type) is not { } name)
        {
            return schema;
        }

        context.Document!.AddComponent(name, schema);
        return new OpenApiSchemaReference(name, context.Document);
    }
}
