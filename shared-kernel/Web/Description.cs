using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Modular.SharedKernel.Web;

/// <summary>Endpoint metadata for the API description: an answer that the route gives.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Body">What its body is written from; null where it has none.</param>
public sealed record Answer(int Status, Type? Body) : IProducesResponseTypeMetadata
{
    /// <summary>The body's content type.</summary>
    public string MediaType { get; init; } = Body == typeof(string) ? "text/plain" : "application/json";

    /// <summary>JSON of a body; null where the body's type has its own by <see cref="AnswerExampleAttribute"/>.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Example { get; init; }

    /// <summary>The status that the route declares for its success; 200 where it declares none, or there is no route.</summary>
    public static int SuccessOf(Endpoint? route) =>
        route?.Metadata.GetOrderedMetadata<Answer>().FirstOrDefault(answer => answer.Status < StatusCodes.Status300MultipleChoices)?.Status
        ?? StatusCodes.Status200OK;

    Type IProducesResponseTypeMetadata.Type => Body ?? typeof(void);

    int IProducesResponseTypeMetadata.StatusCode => Status;

    IEnumerable<string> IProducesResponseTypeMetadata.ContentTypes => Body is null ? [] : [MediaType];
}

/// <summary>Endpoint metadata for the API description: a parameter of the query string.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Description">What it does, and its values.</param>
/// <param name="Example">A value, of a parameter without which the route refuses; null for all others.</param>
public sealed record QueryParameter(string Name, string Description, string? Example);

/// <summary>Endpoint metadata for the API description: a body that the route takes.</summary>
public sealed record RequestExample(string Json);

/// <summary>Endpoint metadata: the route answers as it always does while the database is away.</summary>
public sealed class DatabaseNotNeeded
{
    internal static readonly DatabaseNotNeeded Instance = new();

    private DatabaseNotNeeded()
    {
    }
}

/// <summary>A body of the type that it stands on, as the API description shows it.</summary>
/// <param name="json">With invented values, and every member that can be there.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class AnswerExampleAttribute([StringSyntax(StringSyntaxAttribute.Json)] string json) : Attribute
{
    /// <summary>JSON.</summary>
    public string Json => json;

    /// <summary>The example of a type, in a list where the type is one; null where it has none.</summary>
    public static JsonNode? Of(Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return Of(type.GenericTypeArguments[0]) is { } element ? new JsonArray(element) : null;
        }

        return GetCustomAttribute(type, typeof(AnswerExampleAttribute)) is AnswerExampleAttribute example ? JsonNode.Parse(example.Json) : null;
    }
}

/// <summary>What the type's own converter writes it as, for the API description.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class WrittenAsAttribute(Type type) : Attribute
{
    /// <summary>A type whose JSON has the same form.</summary>
    public Type Type => type;
}

/// <summary>What a slice says of its route to readers of the API description.</summary>
public static class Description
{
    /// <summary>Names the operation and says what it does.</summary>
    /// <param name="route">The route.</param>
    /// <param name="operationId">Unique among all; clients name their methods by it.</param>
    /// <param name="summary">One line, without a full stop.</param>
    /// <param name="description">The rules that a caller has to know beyond the summary, in sentences.</param>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string operationId, string summary, string description) =>
        route.WithName(operationId).WithSummary(summary).WithDescription(description);

    /// <summary>A body that the route takes as it stands: shown in the API description, and sent by a test.</summary>
    public static RouteHandlerBuilder Example(this RouteHandlerBuilder route, [StringSyntax(StringSyntaxAttribute.Json)] string body) =>
        route.WithMetadata(new RequestExample(body));

    /// <summary>A parameter of the query string that the route reads; with an example, one that it needs.</summary>
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder route, string name, string description, string? example = null) =>
        route.WithMetadata(new QueryParameter(name, description, example));

    /// <summary>The answer to a success, with a body: the route's answer and the audit log take the status from here.</summary>
    /// <param name="route">The route.</param>
    /// <param name="status">HTTP's.</param>
    /// <param name="example">JSON of a body, where <typeparamref name="T"/> has none of its own.</param>
    public static RouteHandlerBuilder Answers<T>(
        this RouteHandlerBuilder route,
        int status = StatusCodes.Status200OK,
        [StringSyntax(StringSyntaxAttribute.Json)] string? example = null) =>
        route.WithMetadata(new Answer(status, typeof(T)) { Example = example });

    /// <summary>The answer to a success, without a body.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, int status = StatusCodes.Status204NoContent) =>
        route.WithMetadata(new Answer(status, null));

    /// <summary>304, to a client that names the tag of the present state in <c>If-None-Match</c>.</summary>
    public static RouteHandlerBuilder AnswersNotModified(this RouteHandlerBuilder route) =>
        route.WithMetadata(new Answer(StatusCodes.Status304NotModified, null));

    /// <summary>
    /// Refusals that this route adds to those that follow from the rest of what it says: 401 where a key is needed, 400 where it writes,
    /// 413 and 415 where it reads a body, 428 and 429 where it is limited, and those of a server in trouble.
    /// </summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            route.WithMetadata(new Answer(status, typeof(ErrorBody)));
        }

        return route;
    }

    /// <summary>The route answers as it always does while the database is away.</summary>
    public static TBuilder NeedsNoDatabase<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(DatabaseNotNeeded.Instance);
}
