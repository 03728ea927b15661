using MimeKit;
using Modular.Users.Mails;
using Modular.Users.Mails.Domain;

namespace Modular.Tests.Unit.Users;

/// <summary>What mails look like and when they are tried.</summary>
public sealed class MailTests
{
    private const string Url = "https://users.example.com";
    private static readonly DateTimeOffset now = new(2026, 11, 26, 8, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Kinds => [.. MailKind.All];

    [Theory, MemberData(nameof(Kinds))]
    public void Every_kind_has_text_and_html_that_say_the_same_and_leave_no_place_empty(string kind)
    {
        using var message = Compose(kind, username: "ada", address: "ada@example.com");
        Assert.Equal(["ada@example.com"], message.To.Mailboxes.Select(to => to.Address));
        foreach (var part in new[] { message.Subject!, message.TextBody!, message.HtmlBody! })
        {
            Assert.NotEmpty(part.Trim());
            Assert.DoesNotContain("{{", part, StringComparison.Ordinal);
        }

        foreach (var body in new[] { message.TextBody!, message.HtmlBody! })
        {
            Assert.Contains("ada", body, StringComparison.Ordinal);
            Assert.Contains(Url, body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_template_belongs_to_a_kind() => Assert.Equal(
        MailKind.All.Select(kind => $"Modular.Users.Mails.Templates.{kind}.txt").Order(),
        typeof(MailKind).Assembly.GetManifestResourceNames().Where(name => name.Contains(".Templates.", StringComparison.Ordinal)).Order());

    [Theory, MemberData(nameof(Kinds))]
    public void What_is_filled_in_is_text_in_the_html_and_one_line_in_the_subject(string kind)
    {
        using var message = Compose(kind, username: "<b>&\"'\r\nBcc: eve@example.com", address: "ada@example.com");
        Assert.DoesNotContain("<b>", message.HtmlBody!, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&amp;&quot;&#39;", message.HtmlBody!, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message.Subject!);
        Assert.Empty(message.Bcc);
    }

    [Theory]
    [InlineData("o'hara+x@example.com", "o%27hara%2Bx%40example.com")]
    [InlineData("\"a&b\"@example.com", "%22a%26b%22%40example.com")]
    [InlineData("\u00fc@example.com", "%C3%BC%40example.com")]
    public void The_link_carries_any_address(string address, string inLink)
    {
        using var message = Compose(MailKind.Passcode, "ada", address);
        Assert.Contains($"{Url}/reset-password/change?email={inLink}\n", message.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(address, message.To.Mailboxes.Single().Address);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 30)]
    [InlineData(3, 60)]
    [InlineData(4, 120)]
    [InlineData(5, 240)]
    [InlineData(6, 480)]
    [InlineData(7, 900)]
    [InlineData(8, 900)]
    [InlineData(2_000, 900)]
    public void Pauses_grow_to_a_quarter_of_an_hour(int attempts, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Mail.PauseAfter(attempts));

    private static MimeMessage Compose(string kind, string username, string address)
    {
        var mail = Mail.To(Guid.Empty, address, kind, new() { ["username"] = username, [Mail.SealedPasscode] = "sealed p", ["actor"] = "eve", ["time"] = "t" }, now);
        return Smtp.Compose(new MailboxAddress("Modular", "modular@example.com"), mail, Url, text => text["sealed ".Length..]);
    }
}
