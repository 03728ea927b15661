using Modular.Users.People.Domain;

namespace Modular.Tests.Unit.Users;

public sealed class RealNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Mr Bean")]
    [InlineData("Bobby  Whitespace")]
    [InlineData("Ángel Ünsal-Öz")]
    [InlineData("山田 太郎")]
    [InlineData("O'Brien, Jr.")]
    [InlineData("😀")]
    public void Any_script_and_inner_spaces_are_accepted(string name) => Assert.Null(RealName.Problem(name));

    [Theory]
    [InlineData(" Mr Bean")]
    [InlineData("Mr Bean ")]
    [InlineData("\u00A0Mr Bean")]
    [InlineData("Mr Bean\u3000")]
    [InlineData("\u2003")]
    [InlineData("Mr Bean\n")]
    [InlineData("Mr\nBean")]
    [InlineData("Mr\tBean")]
    [InlineData("Mr\0Bean")]
    [InlineData("Mr\u0085Bean")]
    [InlineData("Mr\u009BBean")]
    [InlineData("Mr\u2028Bean")]
    [InlineData("Mr\u2029Bean")]
    public void White_space_at_the_ends_and_control_characters_are_refused(string name) => Assert.NotNull(RealName.Problem(name));

    [Theory]
    [InlineData('a', 128)]
    [InlineData('ä', 64)]
    [InlineData('山', 42)]
    public void Length_is_measured_in_bytes(char letter, int fitting)
    {
        Assert.Null(RealName.Problem(new string(letter, fitting)));
        Assert.Contains("128 bytes", RealName.Problem(new string(letter, fitting + 1)), StringComparison.Ordinal);
    }
}
