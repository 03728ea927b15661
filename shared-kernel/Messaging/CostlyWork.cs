using Modular.SharedKernel.Settings;

namespace Modular.SharedKernel.Messaging;

/// <summary>How many pieces of costly work run at once.</summary>
/// <param name="AtOnce">At least 1.</param>
public sealed record CostlyWorkSettings(int AtOnce)
{
    internal static CostlyWorkSettings Read(SettingsReader settings) =>
        new(settings.WholeNumber("Hashing:Concurrency", Environment.ProcessorCount, least: 1));
}

/// <summary>
/// The one queue for what takes a processor for long, such as password hashes and key pairs: what exceeds the bound waits, so that a
/// flood of requests cannot take all processors and all memory. A piece must not wait for another one.
/// </summary>
public sealed class CostlyWork(CostlyWorkSettings settings) : IDisposable
{
    private readonly SemaphoreSlim slots = new(settings.AtOnce);

    /// <summary>Runs the work once a slot is free, off the caller's thread. Cancellation counts until it has begun.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        await slots.WaitAsync(ct);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => slots.Dispose();
}
