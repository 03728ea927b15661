using Modular.SharedKernel.Text;

namespace Modular.SharedKernel.Results;

/// <summary>What kind of refusal an <see cref="Error"/> is; the number is its HTTP status (RFC 9110).</summary>
public enum ErrorKind
{
    /// <summary>Unreadable, or a rule is broken.</summary>
    Invalid = 400,

    /// <summary>The credentials that were sent are wrong, or the key that was presented is (<see cref="Error.Challenge"/>).</summary>
    Unauthenticated = 401,

    /// <summary>Readable, but not allowed.</summary>
    Forbidden = 403,

    /// <summary>Missing or unreadable; the two are one constant body.</summary>
    NotFound = 404,

    /// <summary>Contradicts the present state.</summary>
    Conflict = 409,

    /// <summary>412: <c>If-Match</c> names an older state.</summary>
    PreconditionFailed = 412,

    /// <summary>The body is longer than the route takes.</summary>
    TooLarge = 413,

    /// <summary>A form, or an encoded body, where JSON is expected.</summary>
    UnsupportedMediaType = 415,

    /// <summary>Too often in a time; <see cref="Error.RetryAfter"/> says how long to wait.</summary>
    TooManyRequests = 429,

    /// <summary>The database is away, or the command lost too many races.</summary>
    Unavailable = 503,
}

/// <summary>One broken field rule: the JSON name of the field and a sentence with the remedy.</summary>
public sealed record Validation(string Field, string Detail)
{
    /// <summary>The JSON name of the field, or the beginning of what was sent as one.</summary>
    public string Field { get; init => field = Excerpt.Of(value); } = Excerpt.Of(Field);

    /// <summary>A sentence with the remedy; what it repeats of the request it cuts.</summary>
    public string Detail { get; init => field = Excerpt.Of(value); } = Excerpt.Of(Detail);
}

/// <summary>An expected refusal. Exceptions are for bugs.</summary>
/// <param name="Kind">Decides the status.</param>
/// <param name="Code"><c>module.reason</c>, for logs and metrics; not on the wire.</param>
/// <param name="Message">For people; never empty.</param>
/// <param name="Detail">More for people, or the wire constant a client compares; left out when null.</param>
public sealed record Error(ErrorKind Kind, string Code, string Message, string? Detail = null)
{
    /// <summary>More broken fields than this say nothing more.</summary>
    private const int MaxValidations = 100;

    /// <summary>The one body of every missing or unreadable resource.</summary>
    public static readonly Error ResourceNotFound =
        new(ErrorKind.NotFound, "resource_not_found", "Resource not found or you do not have access to this resource");

    /// <summary>The one answer of every path that is none, and of every experiment that is off.</summary>
    public static readonly Error RouteNotFound = new(
        ErrorKind.NotFound, "route_not_found", "Route not found.", "This server has no such path. The API is described at /docs.");

    /// <summary>The general refusal of a write by a caller who may see the target.</summary>
    public static readonly Error NotAllowed = new(
        ErrorKind.Forbidden,
        "not_allowed",
        "You are not allowed to do this.",
        "Your roles, or the scopes and the allow list of the key you use, do not permit this action. An owner can grant the role it needs.");

    /// <summary>For people; never empty. What it repeats of the request it cuts.</summary>
    public string Message { get; init => field = Excerpt.Of(value); } = Excerpt.Of(Message);

    /// <summary>More for people, or the wire constant a client compares; left out when null.</summary>
    public string? Detail { get; init => field = value is null ? null : Excerpt.Of(value); } = Detail is null ? null : Excerpt.Of(Detail);

    /// <summary>The HTTP status of the refusal.</summary>
    public int Status => (int)Kind;

    /// <summary>Broken fields, one entry each; empty for refusals that no single field causes.</summary>
    public IReadOnlyList<Validation> Validations { get; init; } = [];

    /// <summary>When it may go better, to the second; tells the client by <c>Retry-After</c>. Null where waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The value of <c>WWW-Authenticate</c> (RFC 6750), where a key was missing or is no longer good; null elsewhere.</summary>
    public string? Challenge { get; init; }

    /// <summary>A broken rule that no single field causes.</summary>
    public static Error Invalid(string code, string message, string? detail = null) => new(ErrorKind.Invalid, code, message, detail);

    /// <summary>Broken fields.</summary>
    public static Error InvalidFields(IReadOnlyList<Validation> validations) =>
        new(ErrorKind.Invalid, "invalid_fields", "The request has fields that cannot be accepted.") { Validations = [.. validations.Take(MaxValidations)] };

    /// <summary>One broken field.</summary>
    public static Error InvalidField(string field, string detail) => InvalidFields([new Validation(field, detail)]);

    /// <summary>A contradiction with the present state.</summary>
    public static Error Conflict(string code, string message, string? detail = null) => new(ErrorKind.Conflict, code, message, detail);

    /// <summary>A refusal with its own words.</summary>
    public static Error Forbidden(string code, string message, string detail) => new(ErrorKind.Forbidden, code, message, detail);
}
