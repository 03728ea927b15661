using Modular.SharedKernel.Text;

namespace Modular.Tests.Unit.SharedKernel;

public sealed class AsciiLowerCaseTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("already-lower@example.com", "already-lower@example.com")]
    [InlineData("AZ@[`{.Com", "az@[`{.com")]
    [InlineData("\u212Aelvin", "\u212Aelvin")]
    [InlineData("\u212AELVIN", "\u212Aelvin")]
    [InlineData("İÄÖß", "İÄÖß")]
    [InlineData("Ünsal", "Ünsal")]
    public void Only_A_to_Z_are_folded(string text, string key) => Assert.Equal(key, AsciiLowerCase.Of(text));
}
