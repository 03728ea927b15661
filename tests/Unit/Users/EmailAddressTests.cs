using System.Diagnostics;
using Modular.Users.People.Domain;

namespace Modular.Tests.Unit.Users;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("user@example.com")]
    [InlineData("a+b@x.co.uk")]
    [InlineData("ü@exämple.de")]
    [InlineData("USER@EXAMPLE.COM")]
    [InlineData("a.b.c@d.e")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.com")]
    [InlineData("a@1.de")]
    [InlineData("a@b-c.d_e~f.de")]
    [InlineData("a@example.com.")]
    [InlineData("a@example.c0m")]
    [InlineData("\"john doe\"@example.com")]
    [InlineData("\"a@b\"@example.com")]
    [InlineData("\"a\\\"b\\\\\"@example.com")]
    [InlineData("\"..\"@example.com")]
    [InlineData("\"\"@example.com")]
    [InlineData("\u212A@example.com")]
    public void Addresses_are_accepted(string email) => Assert.Null(EmailAddress.Problem(email));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@")]
    [InlineData("@example.com")]
    [InlineData("a@")]
    [InlineData("a@localhost")]
    [InlineData("a@10.0.0.1")]
    [InlineData("a@b..c")]
    [InlineData("a b@c.de")]
    [InlineData("Name <a@b.de>")]
    [InlineData("a@b.de\n")]
    [InlineData("\na@b.de")]
    [InlineData(" a@b.de")]
    [InlineData("a@b.de ")]
    [InlineData("a@b@c.de")]
    [InlineData(".a@b.de")]
    [InlineData("a.@b.de")]
    [InlineData("a..b@c.de")]
    [InlineData("a@.b.de")]
    [InlineData("a@-b.de")]
    [InlineData("a@b-.de")]
    [InlineData("a@b.de..")]
    [InlineData("a@b.de-")]
    [InlineData("a@b.1e")]
    [InlineData("a@b.e1")]
    [InlineData("a@b,c.de")]
    [InlineData("a,b@c.de")]
    [InlineData("a@[10.0.0.1]")]
    [InlineData("😀@example.com")]
    [InlineData("a\0@example.com")]
    [InlineData("\"a\"")]
    [InlineData("\"a@example.com")]
    [InlineData("\"a\"b@example.com")]
    [InlineData("\"a\"b\"@example.com")]
    [InlineData("\"a\\\"@example.com")]
    [InlineData("\"a\r\nBcc: b\"@example.com")]
    [InlineData("\"a\\\n\"@example.com")]
    public void Everything_else_is_refused_with_a_reason(string email) => Assert.NotNull(EmailAddress.Problem(email));

    [Fact]
    public void At_most_254_characters_are_accepted()
    {
        var longest = new string('a', 254 - "@example.com".Length) + "@example.com";

        Assert.Null(EmailAddress.Problem(longest));
        Assert.Contains("254", EmailAddress.Problem("a" + longest), StringComparison.Ordinal);
    }

    [Fact]
    public void Many_labels_are_decided_in_no_time()
    {
        var started = Stopwatch.GetTimestamp();

        Assert.NotNull(EmailAddress.Problem("a@" + string.Concat(Enumerable.Repeat("a.", 125)) + "!"));

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1)); // Trying all ways would take for ever.
    }
}
