using Modular.Users.People.Domain;

namespace Modular.Tests.Unit.Users;

public sealed class UsernameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("abc")]
    [InlineData("A1")]
    [InlineData("1")]
    [InlineData("1-2-3")]
    [InlineData("abc-def")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("New")]
    [InlineData("CREATE")]
    [InlineData("first-one")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    public void Letters_and_digits_joined_by_single_hyphens_are_accepted(string username)
    {
        Assert.Null(Username.Problem(username));
        Assert.True(Username.IsValid(username));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a--b")]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a@b")]
    [InlineData("ä")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("-")]
    [InlineData("a\n")]
    [InlineData("\na")]
    [InlineData("a\0")]
    [InlineData("\u212Aelvin")]
    [InlineData("\u0661")]
    public void Everything_else_is_refused_with_a_reason(string username)
    {
        Assert.NotNull(Username.Problem(username));
        Assert.False(Username.IsValid(username));
        Assert.False(Username.IsReserved(username));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("create")]
    [InlineData("me")]
    [InlineData("ME")]
    [InlineData("first")]
    [InlineData("Login")]
    [InlineData("logout")]
    [InlineData("roles")]
    [InlineData("authmethods")]
    [InlineData("otp")]
    [InlineData("oidc")]
    [InlineData("OAuth2")]
    [InlineData("oidc-claims")]
    [InlineData("validate-password")]
    [InlineData("import")]
    [InlineData("0123456789abcdef0123456789ABCDEF")]
    public void What_an_address_reads_as_something_else_is_reserved(string username)
    {
        Assert.True(Username.IsReserved(username));
        Assert.Contains("reserved", Username.Problem(username), StringComparison.Ordinal);
    }
}
