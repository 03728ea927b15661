using System.Globalization;
using Modular.Host.Plugins;

namespace Modular.Tests.Unit.Host;

/// <summary>A failure of the server's own ends the process, as it must: nobody knows what state it has left.</summary>
public sealed class StrayFailuresTests
{
    [Fact]
    public void What_no_plugin_has_a_part_in_is_not_caught()
    {
        var failure = Assert.Throws<FormatException>(() => int.Parse("ours".AsSpan(0, 0), CultureInfo.InvariantCulture));

        Assert.False(StrayFailures.IsPlugins(failure));
    }
}
