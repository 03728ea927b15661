using Modular.SharedKernel.Text;

namespace Modular.Tests.Unit.SharedKernel;

public sealed class UuidTests
{
    private static readonly Guid Id = new("0123abcd-89ef-4567-89ab-0123456789ab");

    [Theory]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("0123ABCD-89EF-4567-89AB-0123456789AB")]
    [InlineData("0123abcd89ef456789ab0123456789ab")]
    [InlineData("{0123abcd-89ef-4567-89ab-0123456789ab}")]
    [InlineData("urn:uuid:0123abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("URN:UUID:0123ABCD-89ef-4567-89ab-0123456789ab")]
    public void The_four_spellings_are_read(string text)
    {
        Assert.True(Uuid.TryParse(text, out var id));
        Assert.Equal(Id, id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("me")]
    [InlineData(" 0123abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789ab ")]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789ab\n")]
    [InlineData("(0123abcd-89ef-4567-89ab-0123456789ab)")]
    [InlineData("{0123abcd-89ef-4567-89ab-0123456789ab)")]
    [InlineData("[0123abcd-89ef-4567-89ab-0123456789ab]")]
    [InlineData("{0123abcd89ef456789ab0123456789ab}")]
    [InlineData("urn:uuid:0123abcd89ef456789ab0123456789ab")]
    [InlineData("urn:guid:0123abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789a")]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789abc")]
    [InlineData("0123abcd-89ef-4567-89ab-0123456789ag")]
    [InlineData("0123abcd89ef-4567-89ab-0123456789ab-")]
    [InlineData("0x23abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("+123abcd-89ef-4567-89ab-0123456789ab")]
    [InlineData("0123abcd-89ef-4567-89ab+0123456789ab")]
    [InlineData(" 123abcd89ef456789ab0123456789ab")]
    [InlineData("0123abcd89ef-456789ab0123456789ab")]
    [InlineData("{0x0123abcd,0x89ef,0x4567,{0x89,0xab,0x01,0x23,0x45,0x67,0x89,0xab}}")]
    public void Nothing_else_is_an_id(string text)
    {
        Assert.False(Uuid.TryParse(text, out var id));
        Assert.Equal(Guid.Empty, id);
    }
}
