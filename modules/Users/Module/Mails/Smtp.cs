using System.Text.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Modular.Users.Mails.Domain;

namespace Modular.Users.Mails;

/// <summary>Hands one mail to the smarthost.</summary>
internal sealed class Smtp(IAccessUrl accessUrl, MailSecrets secrets)
{
    internal async Task SendAsync(Smarthost smarthost, Mail mail, CancellationToken ct)
    {
        using var message = Compose(smarthost.From, mail, accessUrl.Value, secrets.Open);
        using var client = new SmtpClient
        {
            LocalDomain = smarthost.Hello,

            // Lists of revoked certificates are fetched from the outside, where many a server has no way to.
            CheckCertificateRevocation = false,
        };
        await client.ConnectAsync(
            smarthost.Host, smarthost.Port, smarthost.DemandsStartTls ? SecureSocketOptions.StartTls : SecureSocketOptions.Auto, ct);
        if (smarthost is { Username: { } username, Password: { } password })
        {
            await client.AuthenticateAsync(username, password, ct);
        }

        await client.SendAsync(message, ct);
        await client.DisconnectAsync(quit: true, ct);
    }

    internal static MimeMessage Compose(MailboxAddress from, Mail mail, string url, Func<string, string> open)
    {
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(mail.Content)!;
        if (values.Remove(Mail.SealedPasscode, out var passcode))
        {
            values["passcode"] = open(passcode);
        }

        values["url"] = url;
        values["link"] = $"{url}/reset-password/change?email={Uri.EscapeDataString(mail.Address)}";
        var filled = MailTemplate.Of(mail.Kind).Fill(values);
        return new MimeMessage([from], [new MailboxAddress(null, mail.Address)], filled.Subject, Body(filled))
        {
            Date = mail.CreatedAt,

            // The same at every try, so that a mail that arrives twice can be told to be one.
            MessageId = $"{mail.Id}@{from.Domain}",
            Headers = { { "Auto-Submitted", "auto-generated" } },
        };
    }

    private static MimeEntity Body(MailTemplate filled) => new BodyBuilder { TextBody = filled.Text, HtmlBody = filled.Html }.ToMessageBody();
}
