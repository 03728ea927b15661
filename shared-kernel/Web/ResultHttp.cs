using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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

/// <summary>An answer that has an entity tag, under which a client may keep it and name it in <c>If-Match</c>.</summary>
public interface ITagged
{
    /// <summary>A strong entity tag (RFC 9110, 8.8.3), in quotes; null for none.</summary>
    [JsonIgnore]
    string? ETag { get; }
}

/// <summary>The only place where a result becomes a status and a body. A success has the status that its route declares.</summary>
public static class ResultHttp
{
    /// <summary>A success with a JSON body, and its tag where it is <see cref="ITagged"/>.</summary>
    public static IResult Json<T>(T value) => value is ITagged { ETag: { } tag } ? EntityTag.Tagged(value, tag) : new JsonAnswer<T>(null, value);

    /// <summary>A JSON body with a status that the route does not declare as its success.</summary>
    public static IResult Json<T>(int status, T value) => new JsonAnswer<T>(status, value);

    /// <summary>Bytes: shorter answers are not counted, since a connection holds more than that anyway.</summary>
    private const int SmallAnswer = 64 * 1024;

    /// <summary>A success without a body.</summary>
    public static IResult Empty { get; } = new EmptyAnswer();

    /// <summary>The answer to a refusal.</summary>
    public static IResult Refusal(Error error) => new JsonAnswer<ErrorBody>(error.Status, ErrorBody.Of(error), error);

    /// <summary>The success's value as JSON, or nothing for a success that says nothing; a refusal by its kind.</summary>
    public static IResult ToAnswer<T>(this Result<T> result) => result.ToAnswer(value => value is Unit ? Empty : Json(value));

    /// <summary>A success by <paramref name="onSuccess"/>, a refusal by its kind.</summary>
    public static IResult ToAnswer<T>(this Result<T> result, Func<T, IResult> onSuccess) =>
        result.Error is { } error ? Refusal(error) : onSuccess(result.Value);

    /// <summary>Sends the request and answers with its outcome, as <see cref="ToAnswer{T}(Result{T})"/> does.</summary>
    public static async Task<IResult> AnswerAsync<T>(this IMediator mediator, IRequest<Result<T>> request, CancellationToken ct) =>
        (await mediator.Send(request, ct)).ToAnswer();

    /// <summary>Sends the request and answers with its outcome, a success by <paramref name="onSuccess"/>.</summary>
    public static async Task<IResult> AnswerAsync<T>(
        this IMediator mediator, IRequest<Result<T>> request, Func<T, IResult> onSuccess, CancellationToken ct) =>
        (await mediator.Send(request, ct)).ToAnswer(onSuccess);

    /// <summary>Writes a body where no <see cref="IResult"/> can be returned: middleware, framework refusals.</summary>
    public static Task WriteErrorAsync(this HttpContext http, HttpStatusCode status, string message, string? detail = null) =>
        Json((int)status, new ErrorBody(message, detail)).ExecuteAsync(http);

    private sealed class JsonAnswer<T>(int? status, T value, Error? refusal = null) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var body = ModularJson.Serialize(value);
            using var place = body.Length > SmallAnswer ? httpContext.RequestServices.GetRequiredService<AnswersUnderWay>().For(httpContext) : null;
            if (place?.Grow(body.Length) == false)
            {
                await Refusal(BodyErrors.TooManyUnread).ExecuteAsync(httpContext);
                return;
            }

            httpContext.Response.StatusCode = status ?? Answer.SuccessOf(httpContext.GetEndpoint());
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

            await httpContext.Response.WritePiecesAsync(body);
        }
    }

    private sealed class EmptyAnswer : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = Answer.SuccessOf(httpContext.GetEndpoint());
            return Task.CompletedTask;
        }
    }
}
