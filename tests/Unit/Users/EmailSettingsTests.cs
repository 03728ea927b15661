using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Settings;
using Modular.Users.Mails;

namespace Modular.Tests.Unit.Users;

/// <summary>Which settings of mails are accepted, and what is said where there are none.</summary>
public sealed class EmailSettingsTests
{
    [Fact]
    public void Nothing_is_needed_where_no_mail_is_sent()
    {
        Assert.Null(Read().Smarthost);
        Assert.Null(Read(("Email:From", "modular@example.com")).Smarthost);
    }

    [Theory]
    [InlineData("mail.example.com:587", "mail.example.com", 587)]
    [InlineData("localhost:25", "localhost", 25)]
    [InlineData("10.0.0.1:2525", "10.0.0.1", 2525)]
    [InlineData("[::1]:465", "::1", 465)]
    public void A_smarthost_is_a_name_or_an_address_and_a_port(string text, string host, int port)
    {
        var smarthost = Read(("Email:Smarthost", text), ("Email:From", "Modular <modular@example.com>")).Smarthost!;
        Assert.Equal((host, port, "modular@example.com"), (smarthost.Host, smarthost.Port, smarthost.From.Address));
        Assert.False(smarthost.DemandsStartTls);
    }

    [Theory]
    [InlineData("Email:Smarthost", "Email:Smarthost", "mail.example.com")]
    [InlineData("Email:Smarthost", "Email:Smarthost", "mail.example.com:")]
    [InlineData("Email:Smarthost", "Email:Smarthost", "mail.example.com:smtp")]
    [InlineData("Email:Smarthost", "Email:Smarthost", "mail.example.com:65536")]
    [InlineData("Email:Smarthost", "Email:Smarthost", ":25")]
    [InlineData("Email:Smarthost", "Email:Smarthost", "::1:25")]
    [InlineData("Email:Smarthost", "Email:Smarthost", "smtp://mail.example.com:25")]
    [InlineData("Email:From", "Email:From", "")]
    [InlineData("Email:From", "Email:From", "modular")]
    [InlineData("Email:From", "Email:From", "a@example.com, b@example.com")]
    [InlineData("Email:Auth:Password", "Email:Auth:Username", "ada")]
    [InlineData("Email:Auth:Username", "Email:Auth:Password", "secret")]
    [InlineData("Email:Tls:StartTls", "Email:Tls:StartTls", "sometimes")]
    public void What_cannot_be_used_is_refused_by_its_name_and_shows_no_secret(string named, string key, string value)
    {
        var refused = Assert.Throws<SettingException>(() => Read(("Email:Smarthost", "localhost:25"), ("Email:From", "a@example.com"), (key, value)));
        Assert.StartsWith($"The setting Modular:{named} ", refused.Message, StringComparison.Ordinal);
        Assert.True(key != "Email:Auth:Password" || !refused.Message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void A_password_is_not_shown()
    {
        var settings = Read(
            ("Email:Smarthost", "localhost:25"), ("Email:From", "a@example.com"), ("Email:Auth:Username", "ada"), ("Email:Auth:Password", "secret"));
        Assert.DoesNotContain("secret", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void That_no_mail_can_be_sent_is_said_once_an_hour()
    {
        var (clock, log) = (new Clock(), new CountingLog());
        var missing = new MissingSmarthost(new EmailSettings(Smarthost: null), clock, log);
        missing.Warn();
        missing.Warn();
        Assert.Equal(1, log.Warnings);
        clock.Now += TimeSpan.FromMinutes(59);
        missing.Warn();
        Assert.Equal(1, log.Warnings);
        clock.Now += TimeSpan.FromMinutes(1);
        missing.Warn();
        Assert.Equal(2, log.Warnings);
    }

    private static EmailSettings Read(params (string Key, string Value)[] settings)
    {
        // The later one of two with the same key counts.
        var values = settings.GroupBy(setting => setting.Key).ToDictionary(group => $"Modular:{group.Key}", group => (string?)group.Last().Value);
        return EmailSettings.Read(new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
    }

    private sealed class Clock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = new(2026, 11, 26, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class CountingLog : ILogger<MissingSmarthost>
    {
        internal int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings += logLevel == LogLevel.Warning ? 1 : 0;
    }
}
