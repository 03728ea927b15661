using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Users;

/// <summary>A server beside the shared one, on its database, that sends mails, and where they arrive.</summary>
public sealed class MailingServer(ModularApi api) : IAsyncLifetime
{
    private ModularApi.OtherServer? server;

    internal SmtpSink Sink { get; } = new();

    internal LogLines Log { get; } = new();

    /// <summary>Presents the key, or nothing.</summary>
    internal HttpClient Client(string? key = null) => server!.Client(key);

    internal HttpClient Owner => Client(api.Owner.Session);

    internal Uri Address => server!.Address;

    public async Task InitializeAsync()
    {
        server = await api.StartAnotherAsync(
            new()
            {
                ["Modular:Email:Smarthost"] = Sink.Address,
                ["Modular:Email:From"] = "Modular <modular@example.com>",
                ["Modular:Email:Hello"] = "users.example.com",
                ["Modular:Email:Auth:Username"] = "postman",
                ["Modular:Email:Auth:Password"] = "rings twice",
            },
            sameDatabase: true);
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(Log);
    }

    public async Task DisposeAsync()
    {
        await server!.DisposeAsync();
        await Sink.DisposeAsync();
        Log.Dispose();
    }

    /// <summary>All mails to the address, once none waits in the outbox any more.</summary>
    internal async Task<IReadOnlyList<MimeMessage>> MailsToAsync(string address)
    {
        await People.EventuallyAsync(async () => await CountAsync("select count(*) from users.mails where lower(address) = lower($1)", address) == 0);
        return Sink.To(address);
    }

    /// <summary>Waits until the first try of the person's mail was refused and noted: until then the row is the sender's, who would write over a change.</summary>
    internal Task HasBeenRefusedAsync(Guid recipientId) => People.EventuallyAsync(async () => await CountAsync(
        "select count(*) from users.mails where recipient_id = $1 and attempts = 1 and due_at - now() <= '10 s'", recipientId) == 1);

    /// <summary>Asks for a passcode and reads it in the mail, or finds that none was sent.</summary>
    internal async Task<string?> PasscodeAsync(string address)
    {
        var before = (await MailsToAsync(address)).Count;
        using var asked = await RequestAsync(address);
        Assert.Empty(await asked.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        return (await MailsToAsync(address)).Skip(before).SingleOrDefault() is { } mail
            ? mail.TextBody!.Split('\n').Select(line => line.Trim()).Single(line => Guid.TryParse(line, out _))
            : null;
    }

    internal Task<HttpResponseMessage> RequestAsync(string address) => Client().PostAsJsonAsync("/api/v2/users/otp/request", new { email = address });

    internal Task<HttpResponseMessage> ResetAsync(string address, string? passcode, string password) => Client().PostAsJsonAsync(
        "/api/v2/users/otp/change-password", new { email = address, one_time_passcode = passcode, password });

    internal async Task<long> CountAsync(string sql, params object[] values)
    {
        await using var connection = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Keeps what is logged.</summary>
    internal sealed class LogLines : ILoggerProvider
    {
        private readonly ConcurrentQueue<(string Category, string Text)> lines = new();

        internal IEnumerable<string> Of(string category) => lines.Where(line => line.Category == category).Select(line => line.Text);

        internal IEnumerable<string> All => lines.Select(line => line.Text);

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

        public void Dispose()
        {
            // Nothing is held.
        }

        private sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue((category, $"{formatter(state, exception)} {exception}"));
        }
    }
}
