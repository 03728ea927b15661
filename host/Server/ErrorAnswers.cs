using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Modular.SharedKernel.Messaging;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server;

/// <summary>The error body where no slice writes it: unknown paths, wrong methods, and failures.</summary>
internal static class ErrorAnswers
{
    /// <summary>The one answer of every path that is none, and of every experiment that is off.</summary>
    internal static Task RouteNotFoundAsync(HttpContext http) => ResultHttp.Refusal(Error.RouteNotFound).ExecuteAsync(http);

    /// <summary>Gives framework answers without a body ours.</summary>
    internal static void UseErrorBodies(this WebApplication app) => app.UseStatusCodePages(context => (HttpStatusCode)context.HttpContext.Response.StatusCode switch
    {
        HttpStatusCode.NotFound => RouteNotFoundAsync(context.HttpContext),
        HttpStatusCode.MethodNotAllowed => context.HttpContext.WriteErrorAsync(
            HttpStatusCode.MethodNotAllowed,
            "This path does not take this method.",
            $"It takes {context.HttpContext.Response.Headers.Allow.ToString()}."),
        var status => context.HttpContext.WriteErrorAsync(status, "The request was refused.", $"HTTP status {(int)status}."),
    });

    /// <summary>What is thrown is a bug, or the database is away. Neither shows its inside.</summary>
    internal static void UseExceptionAnswers(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        ExceptionHandler = http => http.Features.Get<IExceptionHandlerFeature>()?.Error switch
        {
            BadHttpRequestException refused => http.WriteErrorAsync(
                (HttpStatusCode)refused.StatusCode, "The request cannot be read.", "Its framing is not what HTTP allows, or it is too large."),
            { } text when DatabaseRefusal.IsUnstorableText(text) =>
                ResultHttp.Refusal(BodyErrors.Unreadable("A text in it has U+0000 or half of a character, which cannot be stored.")).ExecuteAsync(http),
            { } away when DatabaseRefusal.IsAway(away) => ResultHttp.Refusal(DatabaseRefusal.Busy).ExecuteAsync(http),
            _ => http.WriteErrorAsync(
                HttpStatusCode.InternalServerError,
                "Something went wrong on the server.",
                $"Tell the operator the request id {http.RequestId()}."),
        },
        AllowStatusCode404Response = true,
    });
}
