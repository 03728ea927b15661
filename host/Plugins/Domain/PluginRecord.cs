namespace Modular.Host.Plugins.Domain;

/// <summary>What is known of a plug-in, installed or not: what of the database is its own, and what became of it when a server last started.</summary>
internal sealed class PluginRecord
{
    private PluginRecord()
    {
    }

    public string Name { get; private set; } = "";

    /// <summary>The one that was last seen; empty for one that has never run.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The schema that holds its data; null when it has none.</summary>
    public string? Schema { get; private set; }

    /// <summary>Its feature flag; null when it has never run.</summary>
    public string? Flag { get; private set; }

    /// <summary>Why the server that started last left it off; null when it did not.</summary>
    public string? LeftOff { get; private set; }

    /// <summary>When a server started with it installed.</summary>
    public DateTimeOffset SeenAt { get; private set; }
}
