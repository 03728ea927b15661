using Modular.Users.People.Domain;

namespace Modular.Tests.Unit.Users;

public sealed class NfkcTests
{
    [Theory]
    [InlineData("plain ASCII ~", "plain ASCII ~")]
    [InlineData("e\u0301", "\u00E9")] // composed
    [InlineData("\u00E9", "\u00E9")]
    [InlineData("\u212A\u2126\u212B", "K\u03A9\u00C5")] // singletons: Kelvin, ohm, angstrom
    [InlineData("\uFF30\uFF41\uFF53\uFF53\u3000\uFF11", "Pass 1")] // full width
    [InlineData("\uFB01\uFB03", "fiffi")] // ligatures
    [InlineData("x\u00B2\u2075\u00BD", "x251\u20442")]
    [InlineData("\u00A0\u2003\u202F", "   ")]
    [InlineData("\U0001D400\U0001D7D8", "A0")] // beyond the BMP
    [InlineData("\u1E9B\u0323", "\u1E69")] // compatibility mapping, reordered, composed twice
    [InlineData("a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b")] // marks by class, stably
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("a\u0305\u0301", "a\u0305\u0301")] // blocked by a mark of the same class
    [InlineData("\u0958", "\u0915\u093C")] // excluded from composition
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u0301e", "\u0301e")] // a mark that has no letter
    [InlineData("\u1100\u1161\u11A8", "\uAC01")] // Hangul
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC01\u11A8", "\uAC01\u11A8")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7")]
    [InlineData("\u3131", "\u1100")]
    [InlineData("\u09C7\u0300\u09BE", "\u09C7\u0300\u09BE")] // blocked by the mark between
    [InlineData("\uFDFA", "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645")]
    public void Spellings_of_one_text_become_one(string text, string normal)
    {
        Assert.Equal(normal, Nfkc.Normalize(text));
        Assert.Equal(normal, Nfkc.Normalize(normal));
    }

    [Fact]
    public void Broken_text_is_brought_into_form_too()
    {
        Assert.Equal("é\uFFFD", Nfkc.Normalize("e\u0301\uD800"));
        Assert.Equal("é\uFFFD", SearchForm.Of("E\u0301\uD800"));
    }
}
