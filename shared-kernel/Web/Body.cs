using System.Buffers;
using System.Reflection;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>Endpoint metadata: what the route reads. The API description is made from it.</summary>
public sealed record RequestBodyOf(Type Type)
{
    /// <summary>The content types in which it is read.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = ["application/json"];
}

/// <summary>Endpoint metadata: how many bytes of body the route takes, where it is not the default of 1 MiB.</summary>
public sealed record MaxBodyBytes(int Bytes)
{
    /// <summary>What a route takes that says nothing else: 1 MiB.</summary>
    public const int Default = 1024 * 1024;
}

/// <summary>
/// The JSON body of a request. Nothing is read when it is bound, so that a route can be refused before; reading gives a
/// <see cref="Result{T}"/> and never throws for what a client sent. Handlers that refuse some callers before they look at
/// the body take that result as part of their command.
/// </summary>
/// <typeparam name="T">What the body is read as; every member must be nullable, as every member may be absent.</typeparam>
public sealed class Body<T> : IEndpointParameterMetadataProvider
    where T : class, new()
{
    private readonly HttpContext http;

    private Body(HttpContext http) => this.http = http;

    /// <summary>Binds without reading.</summary>
    public static ValueTask<Body<T>?> BindAsync(HttpContext context) => ValueTask.FromResult<Body<T>?>(new Body<T>(context));

    /// <summary>Tells the API description what is read.</summary>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestBodyOf(typeof(T)));

    /// <summary>Reads the body, sends the command made from it and answers with its outcome.</summary>
    public async Task<IResult> AnswerAsync<TValue>(IMediator mediator, Func<T, IRequest<Result<TValue>>> command, CancellationToken ct)
    {
        var body = await ReadAsync(ct);
        return body.Error is { } error ? ResultHttp.Refusal(error) : await mediator.AnswerAsync(command(body.Value), ct);
    }

    /// <summary>Reads the body, sends the command made from it and answers with its outcome, a success by <paramref name="onSuccess"/>.</summary>
    public async Task<IResult> AnswerAsync<TValue>(
        IMediator mediator, Func<T, IRequest<Result<TValue>>> command, Func<TValue, IResult> onSuccess, CancellationToken ct)
    {
        var body = await ReadAsync(ct);
        return body.Error is { } error ? ResultHttp.Refusal(error) : await mediator.AnswerAsync(command(body.Value), onSuccess, ct);
    }

    /// <summary>
    /// Reads the body and sends the command that carries what was found, also where it is unreadable: its handler refuses some callers before
    /// it looks at the body.
    /// </summary>
    public async Task<IResult> CarryAsync<TValue>(IMediator mediator, Func<Result<T>, IRequest<Result<TValue>>> command, CancellationToken ct) =>
        await mediator.AnswerAsync(command(await ReadAsync(ct)), ct);

    /// <summary>Reads the body: 415 for forms and encoded bodies, 413 above the route's limit, 400 for what is no such JSON.</summary>
    public async Task<Result<T>> ReadAsync(CancellationToken ct)
    {
        if (IsForm(http.Request.ContentType) || BodyBytes.IsEncoded(http.Request))
        {
            return BodyErrors.NotJson;
        }

        var limit = http.GetEndpoint()?.Metadata.GetMetadata<MaxBodyBytes>()?.Bytes ?? MaxBodyBytes.Default;
        var bytes = await BodyBytes.ReadAsync(http.Request, limit, ct);
        return (await http.JudgeCallerAgainAsync() ?? bytes.Error) is { } error ? error : Parse(bytes.Value);
    }

    private static Result<T> Parse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, ModularJson.Options) ?? new T();
        }
        catch (JsonException wrong)
        {
            return BodyErrors.Unreadable(wrong.Path is null or "$"
                ? "The body is not a JSON object of the expected form. See /docs for the form."
                : $"The value at {wrong.Path} is not what is expected there. See /docs for the form.");
        }
    }

    /// <summary>Multipart bodies of every kind; the framework's own test knows that of HTML forms alone.</summary>
    private static bool IsForm(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The bytes of a body, whatever they are.</summary>
public static class BodyBytes
{
    /// <summary>A body of 1 MiB comes in this time at 9 KB a second.</summary>
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(2);

    /// <summary>Whether the body is compressed, or encoded in any other way.</summary>
    public static bool IsEncoded(HttpRequest request) =>
        request.Headers.ContentEncoding is { Count: > 0 } encoding && !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads at most the limit: 413 above it, 400 for framing that HTTP does not allow. Never throws for what a client sent.</summary>
    public static async Task<Result<byte[]>> ReadAsync(HttpRequest request, int limit, CancellationToken ct)
    {
        try
        {
            return await ReadAllAsync(request, limit, ct) is { } bytes ? bytes : BodyErrors.TooLarge(limit);
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return BodyErrors.TooLarge(limit);
        }
        catch (TooManyBodiesException)
        {
            return BodyErrors.TooManyUnderWay;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return BodyErrors.Unreadable($"The body did not arrive within {longest.TotalMinutes:0} minutes.");
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // Bad framing shows as several exception types, depending on which part of a chunk is broken.
            return BodyErrors.Unreadable("The body ended or was framed in a way that HTTP does not allow.");
        }
    }

    private static async Task<byte[]?> ReadAllAsync(HttpRequest request, int limit, CancellationToken ct)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        // A read that is cancelled by its token goes on behind the request's back; one that is told to return does not.
        using var late = new CancellationTokenSource(longest);
        using var place = request.HttpContext.RequestServices.GetRequiredService<BodiesUnderWay>()
            .For(request.HttpContext.Connection.RemoteIpAddress, request.BodyReader.CancelPendingRead);
        using var stopped = ct.Register(request.BodyReader.CancelPendingRead);
        using var tooLate = late.Token.Register(request.BodyReader.CancelPendingRead);
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(CancellationToken.None);
            var isOver = ct.IsCancellationRequested || late.IsCancellationRequested;
            if (isOver || !place.Grow(read.Buffer.Length))
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                ct.ThrowIfCancellationRequested();
                late.Token.ThrowIfCancellationRequested();
                throw new TooManyBodiesException();
            }

            // A read is also woken by a server that is told to stop: it looks for connections without a request. This one goes on.
            if (read.Buffer.Length > limit)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}

/// <summary>What is judged anew once a body has arrived, which can take as long as the client likes.</summary>
public static class CallerAfterBody
{
    /// <summary>
    /// Judges the caller as it is now, on routes that want one, and whether an experiment is still on for it: null where the request may go
    /// on, else why not.
    /// </summary>
    public static async Task<Error?> JudgeCallerAgainAsync(this HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>() is not { Kind: not RouteAccessKind.Anonymous })
        {
            return null;
        }

        var caller = await http.RequestServices.GetRequiredService<IAuthenticator>().FindAgainAsync(http);
        return caller.Error
            ?? (http.Features.Get<IExperimentGate>() is { } gate && !await gate.IsStillOpenAsync() ? Error.RouteNotFound : null);
    }
}

/// <summary>Refusals of bodies.</summary>
public static class BodyErrors
{
    /// <summary>A form, or a compressed body.</summary>
    public static readonly Error NotJson = new(
        ErrorKind.UnsupportedMediaType,
        "body.not_json",
        "This route reads plain JSON.",
        "Send the body as application/json, not as a form and without Content-Encoding.");

    /// <summary>There is no room for the body beside those that have not arrived as a whole either.</summary>
    public static readonly Error TooManyUnderWay = new(
        ErrorKind.TooManyRequests, "body.too_many", "Too much is being sent at this moment.", "Finish other requests that you have begun, then send this one again.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    /// <summary>There is no room for the answer beside those that have not been read yet.</summary>
    internal static readonly Error TooManyUnread = new(
        ErrorKind.TooManyRequests, "answers.too_many", "Too many answers have not been read yet.", "Read the answers to other requests, then send this one again.")
    {
        RetryAfter = TimeSpan.FromSeconds(10),
    };

    /// <summary>No JSON, or not of the expected types.</summary>
    public static Error Unreadable(string detail) => Error.Invalid("body.unreadable", "The request body cannot be read.", detail);

    /// <summary>Longer than the route takes.</summary>
    public static Error TooLarge(int limit) =>
        new(ErrorKind.TooLarge, "body.too_large", "The request body is too large.", $"This route takes at most {limit} bytes.");
}

internal sealed class TooManyBodiesException : Exception;
