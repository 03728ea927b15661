using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Modules;
using Modular.SharedKernel.Settings;

namespace Modular.Users.Dormancy;

/// <summary>How long users are not seen before they are dormant.</summary>
internal sealed record DormancySettings(TimeSpan After)
{
    internal static DormancySettings Read(SettingsReader settings) => new(settings.Duration("Dormancy:After", TimeSpan.FromDays(90)));
}

/// <summary>Looks for users who have not been seen for long.</summary>
internal sealed class DormancyTimer(
    IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<DormancyTimer> logger)
    : PeriodicWorker(TimeSpan.FromMinutes(15), lifetime, clock, logger)
{
    protected override async Task WorkAsync(CancellationToken ct)
    {
        Guid? after = Guid.Empty;
        while (after is { } last)
        {
            await using var scope = scopes.CreateAsyncScope();
            var batch = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new MarkDormantUsers.Command(last), ct);
            after = batch.Error is null ? batch.Value.Last : null;
        }
    }
}
