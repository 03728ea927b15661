using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>A server whose errors in the log are kept.</summary>
public sealed class ServerThatIsWatched : IAsyncLifetime
{
    private readonly ModularApi api = new();
    private readonly Errors errors = new();
    private ModularApi.OtherServer? server;
    private string? session;

    internal IReadOnlyCollection<string> Logged => errors.Texts;

    public async Task InitializeAsync()
    {
        await api.InitializeAsync();
        server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(errors);
        session = (await ModularApi.SetUpAsync(server.Client())).Owner.Session;
        using var client = server.Client(session);
        await client.WriteAsync(Skills.File("tidy"));
    }

    public async Task DisposeAsync()
    {
        await server!.DisposeAsync();
        await api.DisposeAsync();
        errors.Dispose();
    }

    /// <summary>Sends a message and gives status and body, of a stream its one event.</summary>
    internal async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string body, params (string Name, string Value)[] headers)
    {
        using var client = server!.Client(session);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/experimental/mcp") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Accept", "application/json, text/event-stream");
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.Add(name, value);
            }
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var start = text.IndexOf("data: ", StringComparison.Ordinal);
        return (answer.StatusCode, JsonElement.Parse(start < 0 ? text : text[(start + "data: ".Length)..]));
    }

    private sealed class Errors : ILoggerProvider, ILogger
    {
        internal ConcurrentQueue<string> Texts { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Texts.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>What a client sends that the protocol does not allow is its own mistake, says which, and is no failure of the server's.</summary>
public sealed class BadMessagesTests(ServerThatIsWatched server) : IClassFixture<ServerThatIsWatched>
{
    private const string Meta = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}";

    [Theory]
    [InlineData("initialize", null)]
    [InlineData("initialize", "{}")]
    [InlineData("initialize", "[]")]
    [InlineData("initialize", "\"x\"")]
    [InlineData("initialize", """{"protocolVersion":5,"capabilities":{},"clientInfo":{"name":"c","version":"1"}}""")]
    [InlineData("initialize", """{"protocolVersion":null,"capabilities":{},"clientInfo":{"name":"c","version":"1"}}""")]
    [InlineData("initialize", """{"protocolVersion":"2025-06-18","capabilities":[],"clientInfo":{"name":"c","version":"1"}}""")]
    [InlineData("initialize", """{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":null,"version":"1"}}""")]
    [InlineData("initialize", """{"protocolVersion":"2025\u0000","capabilities":{},"clientInfo":{"name":"c","version":"1"}}""")]
    [InlineData("prompts/get", null)]
    [InlineData("prompts/get", "{}")]
    [InlineData("prompts/get", "[]")]
    [InlineData("prompts/get", """{"name":null}""")]
    [InlineData("prompts/get", """{"name":5}""")]
    [InlineData("prompts/get", """{"name":"a\u0000b"}""")]
    [InlineData("prompts/get", """{"name":"a\ud800b"}""")]
    [InlineData("prompts/get", """{"name":"nothing"}""")]
    [InlineData("prompts/get", """{"name":"tidy","arguments":"x"}""")]
    [InlineData("resources/read", null)]
    [InlineData("resources/read", "{}")]
    [InlineData("resources/read", """{"uri":null}""")]
    [InlineData("resources/read", """{"uri":["x"]}""")]
    [InlineData("resources/read", """{"uri":"skill://personal/a\u0000b/SKILL.md"}""")]
    [InlineData("resources/subscribe", null)]
    [InlineData("tools/call", null)]
    [InlineData("tools/call", "{}")]
    [InlineData("tools/call", """{"name":5}""")]
    [InlineData("tools/call", """{"name":"nothing"}""")]
    [InlineData("tools/call", """{"name":"read_skill","arguments":["x"]}""")]
    [InlineData("tools/call", """{"name":"read_skill","arguments":{"name":"a\u0000b"}}""")]
    [InlineData("tools/call", """{"name":"read_skill","arguments":{"a\u0000b":1}}""")]
    [InlineData("completion/complete", null)]
    [InlineData("completion/complete", "{}")]
    [InlineData("completion/complete", """{"ref":"x","argument":{"name":"n","value":"v"}}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt"},"argument":{"name":"n","value":"v"}}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":null},"argument":{"name":"n","value":"v"}}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/nothing","name":"tidy"},"argument":{"name":"n","value":"v"}}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"tidy"},"argument":{"name":"n"}}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"tidy"},"argument":{"name":"n","value":null}}""")]
    [InlineData("logging/setLevel", null)]
    [InlineData("logging/setLevel", """{"level":"shout"}""")]
    [InlineData("skills/list", "[]")]
    [InlineData("skills/list", """{"cursor":"a\u0000b"}""")]
    [InlineData("skills/get", null)]
    [InlineData("skills/get", """{"uri":"skill://personal/a\u0000b/SKILL.md"}""")]
    [InlineData("ping", "[]")]
    [InlineData("ping", "\"x\"")]
    [InlineData("tools/list", "5")]
    [InlineData("tools/list", """{"cursor":5}""")]
    [InlineData("prompts/list", """{"_meta":5}""")]
    [InlineData("resources/templates/list", "[]")]
    [InlineData("nothing", "[]")]
    public async Task Parameters_that_a_method_does_not_take_are_wrong_parameters(string method, string? parameters)
    {
        var (status, body) = await server.SendAsync(parameters is null
            ? $$"""{"jsonrpc":"2.0","id":"7","method":"{{method}}"}"""
            : $$"""{"jsonrpc":"2.0","id":"7","method":"{{method}}","params":{{parameters}} }""");

        Assert.Equal((HttpStatusCode.OK, -32602, "7"), (status, body.GetProperty("error").GetProperty("code").GetInt32(), body.GetProperty("id").GetString()));
        Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
        Assert.Empty(server.Logged);
    }

    [Theory]
    [InlineData(Meta + ""","io.modelcontextprotocol/clientInfo":5}""")]
    [InlineData(Meta + ""","io.modelcontextprotocol/clientInfo":{"name":null,"version":"1"}}""")]
    [InlineData(Meta + ""","io.modelcontextprotocol/logLevel":5}""")]
    [InlineData("\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":5,\"io.modelcontextprotocol/clientCapabilities\":{}}")]
    [InlineData("\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{\"roots\":5}}")]
    public async Task So_are_those_that_every_request_of_the_newest_revision_has(string meta)
    {
        var (_, body) = await server.SendAsync(
            $$"""{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{ {{meta}} } }""", ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list"));

        Assert.Equal(-32602, body.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Empty(server.Logged);
    }

    /// <summary>What an answer may repeat is short, or 1 MiB of it would be held twelve times over until the answer is read.</summary>
    [Theory]
    [InlineData(-32601, """{"jsonrpc":"2.0","id":7,"method":"<>"}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"<>"}}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"<>"}}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"<>"}}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"<>","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"<>"}}}""")]
    [InlineData(-32602, """{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"progressToken":"<>"}}}""")]
    public async Task What_comes_back_may_have_2048_characters(int code, string message)
    {
        var (status, body) = await server.SendAsync(message.Replace("<>", new string('<', 2_049), StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.OK, code, 7), (status, body.GetProperty("error").GetProperty("code").GetInt32(), body.GetProperty("id").GetInt32()));
        Assert.InRange(body.ToString().Length, 0, 500);
        Assert.Empty(server.Logged);
    }

    /// <summary>An id comes back in the answer, which the server holds until it is read.</summary>
    [Fact]
    public async Task An_id_may_have_128_characters()
    {
        var (_, longest) = await server.SendAsync($$"""{"jsonrpc":"2.0","id":"{{new string('<', 128)}}","method":"ping"}""");
        var (status, beyond) = await server.SendAsync($$"""{"jsonrpc":"2.0","id":"{{new string('<', 129)}}","method":"ping"}""");

        Assert.Equal(new string('<', 128), longest.GetProperty("id").GetString());
        Assert.Equal((HttpStatusCode.BadRequest, -32600), (status, beyond.GetProperty("error").GetProperty("code").GetInt32()));
        Assert.Empty(server.Logged);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":[1],"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":true,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":5}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"tidy","name":"tidy"}}""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]""")]
    [InlineData("\"ping\"")]
    public async Task What_is_no_message_is_refused(string message)
    {
        var (status, body) = await server.SendAsync(message);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(body.GetProperty("error").GetProperty("code").GetInt32() < 0);
        Assert.Empty(server.Logged);
    }

    [Theory]
    [InlineData("2025-06-18", "2025-06-18")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2020-01-01", "2025-11-25")]
    [InlineData("2026-07-28", "2025-11-25")]
    [InlineData("2031-01-01", "2025-11-25")]
    [InlineData("DRAFT-2031", "2025-11-25")]
    public async Task A_beginning_is_answered_with_the_asked_revision_or_the_newest_that_has_one(string asked, string answered)
    {
        var initialize = $$"""
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{asked}}","capabilities":{},"clientInfo":{"name":"c","version":"1"} } }
            """;
        var (status, body) = await server.SendAsync(initialize);
        var (again, andAgain) = string.CompareOrdinal(asked, "2025-11-25") < 0 ? (status, body) : await server.SendAsync(initialize, ("MCP-Protocol-Version", asked));

        Assert.Equal(answered, body.GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.Equal(answered, andAgain.GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (status, again));
    }

    [Theory]
    [InlineData("gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("identity", HttpStatusCode.OK)]
    public async Task Encoded_bodies_are_refused(string encoding, HttpStatusCode expected)
    {
        var (status, _) = await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", ("Content-Encoding", encoding));

        Assert.Equal(expected, status);
    }
}
