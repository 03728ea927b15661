using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.SharedKernel;

/// <summary>What a list does that is read while it is written, over a real connection. Alone: it measures the memory of the process.</summary>
[Collection(nameof(JsonStreamTests))]
[CollectionDefinition(nameof(JsonStreamTests), DisableParallelization = true)]
public sealed class JsonStreamTests : IAsyncLifetime
{
    private sealed record Row(int RowNumber, string Text);

    private sealed record Listed(IAsyncEnumerable<Row> Rows, int Count);

    private readonly WebApplication app = Server();
    private readonly HttpClient client = new();
    private readonly TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long read;

    public async Task InitializeAsync()
    {
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (InvalidOperationException) when (!http.Response.HasStarted)
            {
                http.Response.Clear();
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await http.Response.WriteAsync("sorry");
            }
        });
        app.MapGet("/list", (int rows, CancellationToken ct) => new JsonStream<IAsyncEnumerable<Row>>(RowsAsync(rows, failAt: -1, ct)));
        app.MapGet("/object", (int rows, int failAt, CancellationToken ct) => new JsonStream<Listed>(new Listed(RowsAsync(rows, failAt, ct), rows)));
        app.MapGet("/impatient", (HttpContext http, int rows, CancellationToken ct) =>
        {
            http.Features.GetRequiredFeature<IHttpMinResponseDataRateFeature>().MinDataRate = new MinDataRate(bytesPerSecond: double.MaxValue, TimeSpan.FromSeconds(2));
            return new JsonStream<IAsyncEnumerable<Row>>(RowsAsync(rows, failAt: -1, ct));
        });
        await app.StartAsync();
        client.BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData("/list?rows=0", "[]\n")]
    [InlineData("/list?rows=2", "[{\"row_number\":0,\"text\":\"<\"},{\"row_number\":1,\"text\":\"<\"}]\n")]
    [InlineData("/object?rows=0&failAt=-1", "{\"rows\":[],\"count\":0}\n")]
    [InlineData("/object?rows=1&failAt=-1", "{\"rows\":[{\"row_number\":0,\"text\":\"<\"}],\"count\":1}\n")]
    public async Task Is_written_as_every_answer_is(string path, string body)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, ModularJson.ContentType), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        Assert.Equal(body.Replace("<", "\\u003c", StringComparison.Ordinal), await answer.Content.ReadAsStringAsync(), ignoreCase: true);
    }

    [Fact]
    public async Task Keeps_nothing_of_what_has_been_sent()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var answer = await client.GetAsync("/object?rows=1000000&failAt=-1", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (buffer, received, sampled, most) = (new byte[64 * 1024], 0L, 0L, 0L);
        for (int size; (size = await body.ReadAsync(buffer)) > 0;)
        {
            received += size;
            if (received - sampled > 4_000_000)
            {
                sampled = received;
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        Assert.InRange(received, 30_000_000, long.MaxValue);
        Assert.InRange(most - before, long.MinValue, 8_000_000);
    }

    /// <summary>The reader holds still until the server gives it up, and so does the writer: rows are read as they are asked for.</summary>
    [Fact]
    public async Task Reads_no_further_than_the_client_does()
    {
        using var answer = await client.GetAsync("/impatient?rows=100000000", HttpCompletionOption.ResponseHeadersRead);

        Assert.False(await ended.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.InRange(Interlocked.Read(ref read), 1, 400_000);
    }

    [Fact]
    public async Task A_failure_before_the_first_row_is_told_properly()
    {
        using var answer = await client.GetAsync("/object?rows=9&failAt=0");
        Assert.Equal((HttpStatusCode.InternalServerError, "sorry"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_failure_in_the_middle_cuts_the_connection()
    {
        using var answer = await client.GetAsync("/object?rows=90000&failAt=50000", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Ends_when_the_client_goes()
    {
        using (await client.GetAsync("/object?rows=100000000&failAt=-1", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.False(ended.Task.IsCompleted);
        }

        Assert.False(await ended.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private async IAsyncEnumerable<Row> RowsAsync(int count, int failAt, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var number = 0;
        try
        {
            for (; number < count || number == failAt; number++)
            {
                if (number % 500 == 0)
                {
                    await Task.Yield(); // As where a batch is read.
                }

                ct.ThrowIfCancellationRequested();
                if (number == failAt)
                {
                    throw new InvalidOperationException("The database is gone.");
                }

                Interlocked.Increment(ref read);
                yield return new Row(number, "<");
            }
        }
        finally
        {
            ended.TrySetResult(number == count);
        }
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        return builder.Build();
    }
}
