using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Web;
using Scalar.AspNetCore;

namespace Modular.Host.Descriptions;

/// <summary>The API description at /openapi/v1.json and a page that shows it at /docs. Experiments are in neither.</summary>
internal static class OpenApi
{
    private const string Document = "v1";

    internal static void AddModularDescriptions(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.CreateSchemaReferenceId = type => SchemaNames.Of(type.Type) ?? OpenApiOptions.CreateDefaultSchemaReferenceId(type);
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
        options.AddOperationTransformer(DescribeBodiesAsync);
        options.ShouldInclude = _ => true;
    });

    internal static void MapDescriptions(this WebApplication app)
    {
        app.MapOpenApi($"/openapi/{Document}.json").AllowsAnonymous();
        app.MapScalarApiReference("/docs", options => options
                .WithTitle("Modular API")
                .WithOpenApiRoutePattern($"/openapi/{Document}.json"))
            .AllowsAnonymous();
    }

    /// <summary>Bodies and answers as the slices say them, since they are read and written past the framework's own binding.</summary>
    private static async Task DescribeBodiesAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RequestBodyOf>().FirstOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(body.Type, null, ct) },
                },
            };
        }

        operation.Responses = [];
        var answers = metadata.OfType<Answer>().ToList();
        if (metadata.OfType<RouteAccess>().FirstOrDefault() is { Kind: not RouteAccessKind.Anonymous })
        {
            answers.Add(new Answer(StatusCodes.Status401Unauthorized, typeof(ErrorBody)));
        }

        foreach (var answer in answers.DistinctBy(answer => answer.Status).OrderBy(answer => answer.Status))
        {
            var response = new OpenApiResponse { Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(answer.Status) };
            if (answer.Body is not null)
            {
                var mediaType = answer.Body == typeof(string) ? "text/plain" : "application/json";
                response.Content = new Dictionary<string, OpenApiMediaType>
                {
                    [mediaType] = new() { Schema = await context.GetOrCreateSchemaAsync(answer.Body, null, ct) },
                };
            }

            operation.Responses[answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }
    }
}
