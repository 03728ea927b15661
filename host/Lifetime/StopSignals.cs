using System.Runtime.InteropServices;

namespace Modular.Host.Lifetime;

/// <summary>
/// Hears from the program's first moment on that it is to stop. A signal that is not handled ends the process at once, and leaves running
/// what it has started.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource received = new();
    private readonly PosixSignalRegistration[] registrations;

    internal StopSignals() =>
        registrations = [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP]).Select(signal => PosixSignalRegistration.Create(signal, Stop))];

    /// <summary>Cancelled by the first signal.</summary>
    internal CancellationToken Received => received.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        received.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true; // The process ends in order, not here.
        _ = received.CancelAsync(); // What hears of it does not run on the thread that receives signals.
    }
}
