using System.Net;
using System.Text;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Edge;

/// <summary>Bodies that are too long or badly framed: users-and-auth.md 1.1. Spoken by hand, as clients refuse to.</summary>
[Collection(SecondApi.Name)]
public sealed class SizeAndFramingOfABodyTests(ModularApi api)
{
    private const int Limit = 1024 * 1024;
    private const string Path = "/api/v2/users/login";

    [Fact]
    public async Task Exactly_one_mebibyte_is_read()
    {
        using var answer = await api.Anonymous.PostAsync(Path, new StringContent(Padded(Limit), Encoding.UTF8, "application/json"));
        await answer.ShouldRefuseAsync(HttpStatusCode.BadRequest, "email", "password");
    }

    [Theory]
    [InlineData(Limit)]
    [InlineData(4096)]
    [InlineData(16)]
    public async Task Exactly_one_mebibyte_is_read_in_chunks_of_any_size(int chunk)
    {
        var answer = await ChunkedAsync(Padded(Limit), chunk);
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"password\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_byte_more_is_413_before_it_is_sent()
    {
        var answer = await RawHttp.ExchangeAsync(api.Address, RawHttp.Post(Path, $"Content-Length: {Limit + 1}\r\n"));
        Assert.Equal(413, answer.Status);
        Assert.Contains("application/json; charset=utf-8", answer.Head, StringComparison.Ordinal);
        Assert.Contains("X-Coder-Build-Version", answer.Head, StringComparison.Ordinal);
        Assert.Contains("\"message\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_byte_more_is_413_when_it_comes_in_chunks()
    {
        var answer = await ChunkedAsync(Padded(Limit + 1), Limit + 1);
        Assert.Equal(413, answer.Status);
        Assert.Contains("\"message\"", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/x-ndjson", "xyz\r\n")]
    [InlineData("application/x-ndjson", "-1\r\n")]
    [InlineData("application/x-ndjson", "fffffffffffffffff\r\n")]
    [InlineData("application/x-ndjson", "3\r\n{}\n\r\nfffffffffffffffff\r\n")]
    [InlineData("text/csv", "fffffffffffffffff\r\n")]
    [InlineData("text/csv", "9\r\nusername\n\r\nfffffffffffffffff\r\n")]
    public async Task A_broken_chunk_of_an_import_is_the_clients_fault(string mediaType, string chunks)
    {
        var answer = await RawHttp.ExchangeAsync(
            api.Address,
            $"POST /api/v2/users/import?dry_run=true HTTP/1.1\r\nHost: modular\r\nConnection: close\r\nContent-Type: {mediaType}\r\n"
                + $"Coder-Session-Token: {api.Owner.Session}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"message\"", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/users")]
    [InlineData("/api/v2/users/first")]
    [InlineData("/api/v2/users/me/keys/tokens")]
    [InlineData("/api/v2/features/user-skills", "PUT")]
    [InlineData("/api/v2/users/me/appearance", "PUT")]
    public async Task Every_route_that_reads_a_body_has_a_limit(string path, string method = "POST")
    {
        var answer = await RawHttp.ExchangeAsync(
            api.Address,
            RawHttp.Post(path, $"Coder-Session-Token: {api.Owner.Session}\r\nContent-Length: {Limit + 1}\r\n").Replace("POST", method, StringComparison.Ordinal));
        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task A_stranger_is_refused_before_the_body_is_looked_at()
    {
        var answer = await RawHttp.ExchangeAsync(
            api.Address, RawHttp.Post("/api/v2/users/me/keys/tokens", $"Content-Length: {Limit + 1}\r\n"));
        Assert.Equal(401, answer.Status);
    }

    [Theory]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("-1\r\n{}\r\n0\r\n\r\n")]
    [InlineData("\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2 2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}XX0\r\n\r\n")]
    [InlineData("2\r\n{}0\r\n\r\n\r\n\r\n")]
    [InlineData("80000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("ffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("100000000\r\n{}\r\n0\r\n\r\n")]
    [InlineData("7fffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}\r\n0\r\nno trailer\r\n\r\n")]
    public async Task Broken_chunks_are_400_or_413_and_never_500(string body)
    {
        var answer = await RawHttp.ExchangeAsync(api.Address, RawHttp.Post(Path, "Transfer-Encoding: chunked\r\n") + body);
        Assert.True(answer.Status is 400 or 413, answer.Head + answer.Body);
        Assert.DoesNotContain("\"validations\"", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n", "{}")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2")]
    [InlineData("Transfer-Encoding: chunked\r\n", "")]
    public async Task A_body_that_ends_early_is_never_500(string framing, string body)
    {
        // The server takes the client for gone, and mostly closes without an answer.
        var answer = await RawHttp.ExchangeAsync(api.Address, RawHttp.Post(Path, framing) + body, endAfterwards: true);
        Assert.True(answer.Status is 0 or 400 or 413, answer.Head + answer.Body);
    }

    [Theory]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: x\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    public async Task Broken_framing_of_the_head_is_400_or_413(string framing)
    {
        var answer = await RawHttp.ExchangeAsync(api.Address, RawHttp.Post(Path, framing) + "{}");
        Assert.True(answer.Status is 400 or 413, answer.Head + answer.Body);
    }

    [Fact]
    public async Task Sound_chunks_with_extensions_and_trailers_are_read()
    {
        var answer = await RawHttp.ExchangeAsync(
            api.Address, RawHttp.Post(Path, "Transfer-Encoding: chunked\r\n") + "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n");
        Assert.Equal(400, answer.Status);
        Assert.Contains("\"validations\"", answer.Body, StringComparison.Ordinal);
    }

    private Task<RawAnswer> ChunkedAsync(string body, int size)
    {
        var request = new StringBuilder(RawHttp.Post(Path, "Transfer-Encoding: chunked\r\n"));
        foreach (var chunk in body.Chunk(size))
        {
            request.Append(System.Globalization.CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n").Append(chunk).Append("\r\n");
        }

        return RawHttp.ExchangeAsync(api.Address, request.Append("0\r\n\r\n").ToString());
    }

    /// <summary>An empty object of that many bytes.</summary>
    private static string Padded(int bytes) => "{" + new string(' ', bytes - 2) + "}";
}
