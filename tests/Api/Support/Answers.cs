using System.Net;
using System.Text.Json;

namespace Modular.Tests.Api.Support;

/// <summary>How tests read answers.</summary>
internal static class Answers
{
    /// <summary>The body as JSON, if the status is the expected one; otherwise the failure shows the body.</summary>
    internal static async Task<JsonElement> ShouldBeAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.StatusCode == status,
            $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery}: {(int)status} expected, {(int)answer.StatusCode} answered: {body}");
        return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Asserts the status and the fields that the validations name, in any order.</summary>
    internal static async Task ShouldRefuseAsync(this HttpResponseMessage answer, HttpStatusCode status, params string[] fields)
    {
        var body = await answer.ShouldBeAsync(status);
        Assert.False(string.IsNullOrEmpty(body.GetProperty("message").GetString()));
        var named = body.TryGetProperty("validations", out var validations)
            ? validations.EnumerateArray().Select(validation => validation.GetProperty("field").GetString()!)
            : Enumerable.Empty<string>();
        Assert.Equal(fields.Order(), named.Order());
    }

    /// <summary>A success, or a refusal that names the fields.</summary>
    internal static Task ShouldRefuseOrBeAsync(this HttpResponseMessage answer, HttpStatusCode status, params string[] fields) =>
        (int)status < 400 ? answer.ShouldBeAsync(status) : answer.ShouldRefuseAsync(status, fields);
}
