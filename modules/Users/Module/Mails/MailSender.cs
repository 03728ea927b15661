using System.Threading.Channels;
using MailKit.Net.Smtp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.Users.Mails.Domain;
using Modular.Users.Persistence;

namespace Modular.Users.Mails;

/// <summary>
/// Sends committed mails, each at least once. Several servers may do so: a mail is taken for a while, longer than a try may last, and due
/// again if its server has died by then. A few are tried at a time, new ones first, so that a mailbox that refuses or dawdles holds up
/// none of the others. No row is locked while a mail is being sent: a change that takes one back never waits for a mail server.
/// </summary>
internal sealed partial class MailSender(
    EmailSettings email, MissingSmarthost missing, Smtp smtp, IServiceScopeFactory scopes, TimeProvider clock, ILogger<MailSender> logger)
    : BackgroundService
{
    private const int AtOnce = 8;

    private static readonly TimeSpan longestTry = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan takenFor = TimeSpan.FromSeconds(30);

    /// <summary>Mails of other servers that died, and those due again.</summary>
    private static readonly TimeSpan looksEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan pauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There is a mail to send.</summary>
    internal void Wake() => woken.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (email.Smarthost is null)
        {
            missing.Warn();
            return;
        }

        using var lanes = new SemaphoreSlim(AtOnce);
        var running = new HashSet<Task>();
        try
        {
            while (true)
            {
                await lanes.WaitAsync(stoppingToken);
                running.RemoveWhere(sending => sending.IsCompleted);
                if (await TakeAsync(stoppingToken) is { } mail)
                {
                    running.Add(SendAsync(mail, lanes, stoppingToken));
                    continue;
                }

                lanes.Release();
                await WaitAsync(looksEvery, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running); // The server stops: they give back what they have taken.
        }
    }

    /// <summary>The next mail that is due, or null; null too while the database is away.</summary>
    private async Task<Mail?> TakeAsync(CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var now = clock.GetUtcNow();
            return await scope.ServiceProvider.GetRequiredService<UsersDbContext>().TakeDueMailAsync(now, now + takenFor, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            NotLooked(failure);
            await Task.Delay(pauseAfterFailure, clock, ct);
            return null;
        }
    }

    private async Task SendAsync(Mail mail, SemaphoreSlim lanes, CancellationToken ct)
    {
        try
        {
            await TryAsync(mail, ct);
        }
        catch (Exception failure)
        {
            NotNoted(failure, mail.Id); // It is due again after a while.
        }
        finally
        {
            lanes.Release();
        }
    }

    private async Task TryAsync(Mail mail, CancellationToken ct)
    {
        if (mail.ExpiresAt <= clock.GetUtcNow())
        {
            await NoteAsync(mail, taken => taken.ExecuteDeleteAsync(CancellationToken.None));
            Dropped(mail.Id, mail.Kind, mail.RecipientId, mail.Attempts - 1);
            return;
        }

        using var timeout = new CancellationTokenSource(longestTry, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            await smtp.SendAsync(email.Smarthost!, mail, either.Token);
            await NoteAsync(mail, taken => taken.ExecuteDeleteAsync(CancellationToken.None));
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            await NoteAsync(mail, taken => taken.ExecuteUpdateAsync(
                set => set.SetProperty(m => m.DueAt, now).SetProperty(m => m.Attempts, mail.Attempts - 1), CancellationToken.None));
        }
        catch (Exception failure)
        {
            var pause = Mail.PauseAfter(mail.Attempts);
            var next = clock.GetUtcNow() + pause;
            var due = next < mail.ExpiresAt ? next : mail.ExpiresAt;
            NotSent(mail.Id, mail.Kind, mail.RecipientId, mail.Attempts, Reason(failure, timeout.IsCancellationRequested), pause);
            await NoteAsync(mail, taken => taken.ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, due), CancellationToken.None));
        }
    }

    /// <summary>Writes down what became of a try, unless the mail was taken back, or tried again by another server, meanwhile.</summary>
    private async Task NoteAsync(Mail mail, Func<IQueryable<Mail>, Task<int>> write)
    {
        await using var scope = scopes.CreateAsyncScope();
        await write(scope.ServiceProvider.GetRequiredService<UsersDbContext>().Mails.Where(m => m.Id == mail.Id && m.Attempts == mail.Attempts));
    }

    private async Task WaitAsync(TimeSpan longest, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            await woken.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // There was nothing to wake up for.
        }
    }

    /// <summary>What a mail server answers may name the address, so that only its code is told.</summary>
    private static string Reason(Exception failure, bool tookTooLong) => failure switch
    {
        _ when tookTooLong => $"the mail server took longer than {longestTry.TotalSeconds:0} seconds",
        SmtpCommandException refused => $"the mail server answered {(int)refused.StatusCode}",
        MailKit.Security.AuthenticationException => "the mail server refused the username and password",
        MailKit.Security.SslHandshakeException => "no encrypted connection could be made; is the mail server's certificate trusted?",
        System.Net.Sockets.SocketException => "the mail server cannot be reached",
        NotSupportedException => "the mail server does not offer what the address or the settings demand",
        _ => failure.GetType().Name,
    };

    [LoggerMessage(LogLevel.Warning, "Mail {MailId} ({Kind}) to user {UserId} was not sent, try {Attempt}: {Reason}. Trying again in {Pause}.")]
    private partial void NotSent(Guid mailId, string kind, Guid userId, int attempt, string reason, TimeSpan pause);

    [LoggerMessage(LogLevel.Error, "Mail {MailId} ({Kind}) to user {UserId} is given up after {Attempts} tries.")]
    private partial void Dropped(Guid mailId, string kind, Guid userId, int attempts);

    [LoggerMessage(LogLevel.Warning, "What became of mail {MailId} could not be written down; it may be sent once more.")]
    private partial void NotNoted(Exception failure, Guid mailId);

    [LoggerMessage(LogLevel.Warning, "Mails to be sent cannot be read at the moment; trying again.")]
    private partial void NotLooked(Exception failure);
}
