using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Modular.Host.Server.Limits;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>Completes an operation from what its slice says of the route.</summary>
internal static class OperationDescriptions
{
    internal static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var route = context.Description;
        var metadata = route.ActionDescriptor.EndpointMetadata;
        operation.Parameters = [.. PathParameters(route.RelativePath!, context.ApplicationServices.GetServices<IModule>()), .. metadata.OfType<QueryParameter>().Select(InQuery)];
        DescribeBody(operation, metadata);
        DescribeAnswers(operation, metadata);
        foreach (var status in Refusals(metadata, route.HttpMethod!, "/" + route.RelativePath).Where(status => !operation.Responses!.ContainsKey(status)))
        {
            operation.Responses![status] = new OpenApiResponseReference(SharedRefusal.Of(status).Name, context.Document);
        }

        var ordered = operation.Responses!.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses!.Clear();
        ordered.ForEach(response => operation.Responses.Add(response.Key, response.Value));

        operation.Security = Access(metadata) is { Kind: RouteAccessKind.Anonymous } ? [] : KeySchemes.Any(context.Document!);
        return Task.CompletedTask;
    }

    private static void DescribeBody(OpenApiOperation operation, IList<object> metadata)
    {
        // The first media type is the one that the example is in.
        if (metadata.OfType<RequestBodyOf>().FirstOrDefault() is { } body && metadata.OfType<RequestExample>().FirstOrDefault() is { } example)
        {
            operation.RequestBody!.Content![body.MediaTypes[0]].Example = JsonNode.Parse(example.Json);
        }
    }

    private static void DescribeAnswers(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var answer in metadata.OfType<Answer>())
        {
            var status = answer.Status.ToString(CultureInfo.InvariantCulture);
            if (answer.Body == typeof(ErrorBody))
            {
                operation.Responses!.Remove(status);
                continue;
            }

            var response = (OpenApiResponse)operation.Responses![status];
            response.Description = ReasonPhrases.GetReasonPhrase(answer.Status);
            foreach (var content in response.Content?.Values ?? [])
            {
                content.Example = answer.Example is { } example ? JsonNode.Parse(example) : AnswerExampleAttribute.Of(answer.Body!);
            }
        }
    }

    /// <summary>What the slice declares, and what follows from the rest of what it says.</summary>
    private static IEnumerable<string> Refusals(IList<object> metadata, string method, string path)
    {
        var reads = metadata.OfType<RequestBodyOf>().Any();
        IEnumerable<(string Status, bool Given)> refusals =
        [
            .. metadata.OfType<Answer>()
                .Where(answer => answer.Body == typeof(ErrorBody))
                .Select(answer => (answer.Status.ToString(CultureInfo.InvariantCulture), true)),
            ("400", reads || (!HttpMethods.IsGet(method) && Access(metadata) is not { Kind: RouteAccessKind.Anonymous })),
            ("401", Access(metadata) is not { Kind: RouteAccessKind.Anonymous }),
            ("413", reads),
            ("415", reads),
            ("428", RateLimitSettings.Limits(metadata, path).Any()),
            ("429", RateLimitSettings.Limits(metadata, path).Any()),
            ("500", true),
            ("503", !metadata.OfType<DatabaseNotNeeded>().Any()),
        ];
        return refusals.Where(refusal => refusal.Given).Select(refusal => refusal.Status).Distinct();
    }

    private static RouteAccess? Access(IList<object> metadata) => metadata.OfType<RouteAccess>().FirstOrDefault();

    /// <summary>The names of the path, also those that the edge resolves.</summary>
    private static IEnumerable<IOpenApiParameter> PathParameters(string path, IEnumerable<IModule> modules) =>
        path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')).Select(name => new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Description = modules.Select(module => module.PathParameters.GetValueOrDefault(name)).FirstOrDefault(description => description is not null),
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static OpenApiParameter InQuery(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Required = parameter.Example is not null,
        Description = parameter.Description,
        Example = parameter.Example,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
