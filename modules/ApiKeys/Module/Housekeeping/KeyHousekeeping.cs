using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Modules;

namespace Modular.ApiKeys.Housekeeping;

/// <summary>Tells the log of tokens that end soon, and forgets keys that are gone for long. All servers do it, none twice.</summary>
internal sealed class KeyHousekeeping(
    IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<KeyHousekeeping> logger)
    : PeriodicWorker(TimeSpan.FromMinutes(1), lifetime, clock, logger)
{
    protected override async Task WorkAsync(CancellationToken ct)
    {
        foreach (var days in NoticeExpiringTokens.Days)
        {
            await RepeatAsync(new NoticeExpiringTokens.Command(days), ct);
        }

        await RepeatAsync(new PurgeKeys.Command(), ct);
    }

    /// <summary>Batch by batch, each in a transaction of its own, until one finds nothing.</summary>
    private async Task RepeatAsync(ICommand<int> batch, CancellationToken ct)
    {
        var done = 1;
        while (done > 0)
        {
            await using var scope = scopes.CreateAsyncScope();
            var result = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(batch, ct);
            done = result.Error is null ? result.Value : 0;
        }
    }
}
