using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Modular.SharedKernel.Settings;
using Modular.Users.Features;

namespace Modular.Users;

/// <summary>How long users are not seen before they are dormant.</summary>
internal sealed record DormancySettings(TimeSpan After)
{
    internal static DormancySettings Read(SettingsReader settings) => new(settings.Duration("Dormancy:After", TimeSpan.FromDays(90)));
}

/// <summary>Looks for users who have not been seen for long: when the server starts, and every quarter of an hour.</summary>
internal sealed partial class DormancyTimer(
    IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<DormancyTimer> logger) : BackgroundService
{
    private static readonly TimeSpan interval = TimeSpan.FromMinutes(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        do
        {
            await TryMarkAllAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryMarkAllAsync(CancellationToken ct)
    {
        try
        {
            await MarkAllAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            NotMarked(failure);
        }
    }

    private async Task MarkAllAsync(CancellationToken ct)
    {
        Guid? after = Guid.Empty;
        while (after is { } last)
        {
            await using var scope = scopes.CreateAsyncScope();
            var batch = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new MarkDormantUsers.Command(last), ct);
            after = batch.Error is null ? batch.Value.Last : null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Users who have not been seen for long could not be looked for; trying again in a quarter of an hour.")]
    private partial void NotMarked(Exception failure);
}
