using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.ApiKeys.Domain;

namespace Modular.ApiKeys.Authentication;

/// <summary>
/// Writes down that keys are used, behind the answers: a request never waits for it and never fails by it. A use that cannot be
/// written is written by the next one, since the stored time is still old.
/// </summary>
internal sealed partial class KeyUseRecorder(IServiceScopeFactory scopes, TokenSettings settings, ILogger<KeyUseRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan timeToWriteDown = TimeSpan.FromSeconds(2);

    private readonly Channel<RecordKeyUse.Command> due = Channel.CreateBounded<RecordKeyUse.Command>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Notes the use if there is anything to write: at most about once an hour and key.</summary>
    public void Note(KnownKey key, IPAddress? ip, DateTimeOffset now)
    {
        var used = key.LastUsed is not { } last || now - last > interval;
        if ((used || NewExpiry(key, now) is not null) && key.Claim())
        {
            due.Writer.TryWrite(new RecordKeyUse.Command(key, ip, now, used, NewExpiry(key, now)));
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // The requests may have used up the time there was for stopping; what they leave to write takes little.
        due.Writer.TryComplete();
        await Task.WhenAny(ExecuteTask ?? Task.CompletedTask, Task.Delay(timeToWriteDown, CancellationToken.None));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var command in due.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IMediator>().Send(command, CancellationToken.None);
            }
            catch (Exception failure)
            {
                NotRecorded(failure, command.Key.Id);
            }
        }
    }

    /// <summary>Sessions live on while they are used, until their absolute end; tokens keep the end they were given.</summary>
    private DateTimeOffset? NewExpiry(KnownKey key, DateTimeOffset now)
    {
        if (key.IsToken || settings.DisableExpiryRefresh || key.ExpiresAt - now > key.Lifetime - interval)
        {
            return null;
        }

        var expiry = key.EndsAt is { } end && end < now + key.Lifetime ? end : now + key.Lifetime;
        return expiry > key.ExpiresAt ? expiry : null;
    }

    [LoggerMessage(LogLevel.Warning, "The use of key {KeyId} could not be written down; its next use will be.")]
    private partial void NotRecorded(Exception failure, string keyId);
}
