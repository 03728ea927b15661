using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>A refusal that many operations give, described once.</summary>
/// <param name="Name">Among the document's components.</param>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Description">When it is given.</param>
/// <param name="Example">One of its bodies.</param>
internal sealed record SharedRefusal(string Name, string Status, string Description, ErrorBody Example)
{
    private static readonly SharedRefusal[] all =
    [
        new("BadRequest", "400", "The request breaks a rule: validations name the fields. Writes by a browser's cookie alone are refused with it too.",
            ErrorBody.Of(Error.InvalidField("email", "This field is required."))),
        new("Unauthorized", "401", "No valid key was presented, or the credentials in the body are wrong.",
            new ErrorBody("You need to be signed in, or to present a valid key.", "Send a key in the header Coder-Session-Token.")),
        new("Forbidden", "403", "What the path names may be read, but not this done to it.", ErrorBody.Of(Error.NotAllowed)),
        new("NotFound", "404", "What the path names is not there, or the caller may not read it. The two cannot be told apart.",
            ErrorBody.Of(Error.ResourceNotFound)),
        new("Conflict", "409", "The present state does not allow it.", new ErrorBody("This username is taken.", "Choose another one.")),
        new("PreconditionFailed", "412", "If-Match names an older state.", ErrorBody.Of(IfMatch.Stale)),
        new("ContentTooLarge", "413", "The body is longer than the route takes.", ErrorBody.Of(BodyErrors.TooLarge(MaxBodyBytes.Default))),
        new("UnsupportedMediaType", "415", "The body is in a form or an encoding that the route does not read.", ErrorBody.Of(BodyErrors.NotJson)),
        new("PreconditionRequired", "428", "The request asked to be passed over by the rate limits, without an owner's key that holds everything.",
            new ErrorBody("Only owners may pass the rate limits over, with a key that holds everything.")),
        new("TooManyRequests", "429", "A limit is used up. Retry-After says in how many seconds to try again.",
            new ErrorBody("Too many requests: at most 512 in 60 seconds are served here. Wait and try again.")),
        new("InternalServerError", "500", "The server failed in a way that it does not know. The operator finds the failure in the log by the request id.",
            new ErrorBody("Something went wrong on the server.", "Tell the operator the request id 01a218a8-ee06-7ed9-8417-4a7d64f07663.")),
        new("ServiceUnavailable", "503", "The database is away, or too much happens at once. Retry-After says when to try again.",
            ErrorBody.Of(DatabaseRefusal.Busy)),
    ];

    /// <summary>The refusal of a status that a slice declares.</summary>
    internal static SharedRefusal Of(string status) => all.Single(refusal => refusal.Status == status);

    internal static void AddTo(OpenApiDocument document)
    {
        foreach (var refusal in all)
        {
            document.AddComponent<IOpenApiResponse>(refusal.Name, new OpenApiResponse
            {
                Description = refusal.Description,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchemaReference(SchemaNames.Of(typeof(ErrorBody))!, document),
                        Example = JsonNode.Parse(JsonSerializer.Serialize(refusal.Example, ModularJson.Options)),
                    },
                },
            });
        }
    }
}
