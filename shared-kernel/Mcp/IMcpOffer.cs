using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Modular.SharedKernel.Mcp;

/// <summary>
/// What a module offers to agents beside its tools: prompts, resources, completions, methods of an extension. Made anew for each
/// request; whatever it answers is for the caller of that request, and narrowed to what the caller's key admits.
/// </summary>
public interface IMcpOffer
{
    /// <summary>A few sentences for the model, about when to use the offer; null where there is nothing to say.</summary>
    string? Instructions => null;

    /// <summary>Extensions of the protocol that the server declares, by their identifiers; the values are written as JSON.</summary>
    IReadOnlyDictionary<string, object> Extensions => new Dictionary<string, object>();

    /// <summary>The methods of those extensions, by name.</summary>
    IReadOnlyDictionary<string, McpMethod> Methods => new Dictionary<string, McpMethod>();

    /// <summary>Templates of the addresses under which <see cref="ReadAsync"/> finds something.</summary>
    IReadOnlyList<ResourceTemplate> ResourceTemplates => [];

    /// <summary>All prompts, at most some hundreds, as they are sent in one list.</summary>
    Task<IReadOnlyList<Prompt>> ListPromptsAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Prompt>>([]);

    /// <summary>The messages of a prompt; null where the name is none of this offer's.</summary>
    Task<GetPromptResult?> GetPromptAsync(string name, CancellationToken ct) => Task.FromResult<GetPromptResult?>(null);

    /// <summary>All resources, at most some hundreds, as they are sent in one list.</summary>
    Task<IReadOnlyList<Resource>> ListResourcesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Resource>>([]);

    /// <summary>The content of a resource; null where the address is none of this offer's.</summary>
    Task<ReadResourceResult?> ReadAsync(string uri, CancellationToken ct) => Task.FromResult<ReadResourceResult?>(null);

    /// <summary>Values that an argument could have, at most 100; null where the reference is none of this offer's.</summary>
    Task<IReadOnlyList<string>?> CompleteAsync(Reference reference, Argument argument, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<string>?>(null);
}

/// <summary>A method of an extension: takes the request's parameters, gives the result's members.</summary>
/// <exception cref="ModelContextProtocol.McpProtocolException">The request is refused, with a code of the protocol.</exception>
public delegate Task<JsonObject> McpMethod(JsonObject? parameters, CancellationToken ct);

/// <summary>Tells clients that keep a stream open that what a module offers to a user has changed, on every server of the database.</summary>
public interface IMcpChanges
{
    /// <summary>
    /// Call it in the transaction that writes the change: it is told if and only if that commits.
    /// </summary>
    /// <param name="featureFlag">The experiment whose offer has changed.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="ct">The request's.</param>
    Task TellAsync(string featureFlag, Guid userId, CancellationToken ct);
}
