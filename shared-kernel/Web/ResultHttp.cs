using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Results;

namespace Modular.SharedKernel.Web;

/// <summary>The error body of every refusal, on every path.</summary>
/// <param name="Message">For people; never empty.</param>
/// <param name="Detail">More for people; left out when there is none.</param>
/// <param name="Validations">Broken fields; left out when there are none.</param>
public sealed record ErrorBody(
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Validation>? Validations = null)
{
    /// <summary>What a refusal shows of itself.</summary>
    public static ErrorBody Of(Error error) => new(error.Message, error.Detail, error.Validations.Count == 0 ? null : error.Validations);
}

/// <summary>The only place where a result becomes a status and a body.</summary>
public static class ResultHttp
{
    /// <summary>An answer with a JSON body.</summary>
    public static IResult Json<T>(int status, T value) => new JsonAnswer<T>(status, value);

    /// <summary>204 without a body.</summary>
    public static IResult NoContent { get; } = new EmptyAnswer();

    /// <summary>The answer to a refusal.</summary>
    public static IResult Refuse(Error error) => new JsonAnswer<ErrorBody>(
        StatusOf(error.Kind),
        ErrorBody.Of(error),
        error);

    /// <summary>A success by <paramref name="onSuccess"/>, a refusal by its kind.</summary>
    public static IResult ToHttp<T>(this Result<T> result, Func<T, IResult> onSuccess) =>
        result.Error is { } error ? Refuse(error) : onSuccess(result.Value);

    /// <summary>Writes a body where no <see cref="IResult"/> can be returned: middleware, framework refusals.</summary>
    public static Task WriteErrorAsync(this HttpContext http, HttpStatusCode status, string message, string? detail = null) =>
        Json((int)status, new ErrorBody(message, detail)).ExecuteAsync(http);

    /// <summary>The status of a kind of refusal.</summary>
    public static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => StatusCodes.Status400BadRequest,
        ErrorKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        ErrorKind.NotFound => StatusCodes.Status404NotFound,
        ErrorKind.Conflict => StatusCodes.Status409Conflict,
        ErrorKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ErrorKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorKind.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorKind.TooManyRequests => StatusCodes.Status429TooManyRequests,
        ErrorKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of refusal without a status."),
    };

    private sealed class JsonAnswer<T>(int status, T value, Error? refusal = null) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var body = ModularJson.Serialize(value);
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = ModularJson.ContentType;
            httpContext.Response.ContentLength = body.Length;
            if (refusal?.Challenge is { } challenge)
            {
                httpContext.Response.Headers.WWWAuthenticate = challenge;
            }

            if (refusal?.RetryAfter is { } wait)
            {
                httpContext.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }

            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    private sealed class EmptyAnswer : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
    }
}
