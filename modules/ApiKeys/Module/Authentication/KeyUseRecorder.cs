using System.Net;
using System.Threading.Channels;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Modular.ApiKeys.Authentication;

/// <summary>A use of a key, as the authenticator saw it.</summary>
internal sealed record KeyUse(
    string KeyId,
    Guid UserId,
    DateTimeOffset LastUsed,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndsAt,
    TimeSpan Lifetime,
    bool IsToken,
    IPAddress? Ip,
    DateTimeOffset At);

/// <summary>
/// Writes down that keys are used, behind the answers: a request never waits for it and never fails by it. A use that cannot be
/// written is written by the next one, since the stored time is still old.
/// </summary>
internal sealed partial class KeyUseRecorder(IServiceScopeFactory scopes, TokenSettings settings, ILogger<KeyUseRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan interval = TimeSpan.FromHours(1);

    private readonly Channel<RecordKeyUse.Command> due = Channel.CreateBounded<RecordKeyUse.Command>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Notes the use if there is anything to write: at most about once an hour and key.</summary>
    public void Note(KeyUse use)
    {
        var used = use.At - use.LastUsed > interval;
        if (used || NewExpiry(use) is not null)
        {
            due.Writer.TryWrite(new RecordKeyUse.Command(use, used, NewExpiry(use)));
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        due.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken);
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
                NotRecorded(failure, command.Use.KeyId);
            }
        }
    }

    /// <summary>Sessions live on while they are used, until their absolute end; tokens keep the end they were given.</summary>
    private DateTimeOffset? NewExpiry(KeyUse use)
    {
        if (use.IsToken || settings.DisableExpiryRefresh || use.ExpiresAt - use.At > use.Lifetime - interval)
        {
            return null;
        }

        var expiry = use.EndsAt is { } end && end < use.At + use.Lifetime ? end : use.At + use.Lifetime;
        return expiry > use.ExpiresAt ? expiry : null;
    }

    [LoggerMessage(LogLevel.Warning, "The use of key {KeyId} could not be written down; its next use will be.")]
    private partial void NotRecorded(Exception failure, string keyId);
}
