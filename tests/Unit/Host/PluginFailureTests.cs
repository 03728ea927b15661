using Modular.Host.Plugins;

namespace Modular.Tests.Unit.Host;

public sealed class PluginFailureTests
{
    [Theory]
    [InlineData("plain.", "plain")]
    [InlineData("a\r\n\t b", "a b")]
    [InlineData("a\0b\u001b[2J", "a\uFFFDb\uFFFD[2J")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public void A_reason_is_one_line_of_characters(string text, string line) => Assert.Equal(line, PluginFailure.Line(text));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("a\uFFFDb", PluginFailure.Line(new string(['a', (char)0xd800, 'b'])));

    [Fact]
    public void A_reason_is_short() => Assert.InRange(PluginFailure.Line(new string('x', 1_000_000)).Length, 1, 600);

    [Fact]
    public void What_does_not_come_back_is_given_up()
    {
        using var never = new ManualResetEventSlim();

        var refused = Assert.Throws<PluginRefusedException>(() => PluginFailure.Try("it hangs", TimeSpan.FromMilliseconds(20), never.Wait));
        never.Set();

        Assert.Equal("it hangs: it does not come back within 0.02 seconds", refused.Message);
    }
}
