namespace Modular.Host.Server;

/// <summary>
/// The system's clock at the database's precision of a microsecond, so that a time reads back as it was written.
/// </summary>
internal sealed class MicrosecondClock : TimeProvider
{
    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        var now = base.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
