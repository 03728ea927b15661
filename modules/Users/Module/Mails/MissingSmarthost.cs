using Microsoft.Extensions.Logging;

namespace Modular.Users.Mails;

/// <summary>Says that no mail can be sent: at start, and when one is waited for, but then at most once an hour.</summary>
internal sealed partial class MissingSmarthost(EmailSettings email, TimeProvider clock, ILogger<MissingSmarthost> logger)
{
    private readonly Lock once = new();
    private DateTimeOffset silentUntil = DateTimeOffset.MinValue;

    internal void Warn()
    {
        if (email.Smarthost is not null)
        {
            return;
        }

        lock (once)
        {
            var now = clock.GetUtcNow();
            if (now < silentUntil)
            {
                return;
            }

            silentUntil = now + TimeSpan.FromHours(1);
        }

        NoMail();
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No mail can be sent, so new passwords cannot be asked for: set Modular:Email:Smarthost to host:port and Modular:Email:From to the sender.")]
    private partial void NoMail();
}
