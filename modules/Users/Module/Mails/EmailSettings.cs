using System.Globalization;
using MimeKit;
using Modular.SharedKernel.Settings;

namespace Modular.Users.Mails;

/// <summary>Whether and how mails are sent. Without a smarthost none is written either.</summary>
internal sealed record EmailSettings(Smarthost? Smarthost)
{
    internal static EmailSettings Read(SettingsReader settings)
    {
        if (settings.Text("Email:Smarthost") is not { } address)
        {
            return new EmailSettings(Smarthost: null);
        }

        var (host, port) = HostAndPort(address);
        var (username, password) = (settings.Text("Email:Auth:Username"), settings.Secret("Email:Auth:Password"));
        if (username is null != password is null)
        {
            throw new SettingException(
                username is null ? "Email:Auth:Username" : "Email:Auth:Password",
                "is not set, but the other half of the login is; set both or neither.");
        }

        return new EmailSettings(new Smarthost(
            host, port, From(settings), settings.Text("Email:Hello"), username, password, settings.Bool("Email:Tls:StartTls", otherwise: false)));
    }

    private static (string Host, int Port) HostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        var inBrackets = host is ['[', .., ']'];
        return host.Length > 0 && (inBrackets || Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
                ? (inBrackets ? host[1..^1] : host, port)
                : throw new SettingException("Email:Smarthost", $"is '{text}'; write host:port, such as mail.example.com:587.");
    }

    private static MailboxAddress From(SettingsReader settings) => settings.Text("Email:From") switch
    {
        null => throw new SettingException(
            "Email:From", "is not set, but Email:Smarthost is; write the sender's address, such as Modular <modular@example.com>."),
        { } text when MailboxAddress.TryParse(text, out var from) && from.Domain.Length > 0 => from,
        { } text => throw new SettingException("Email:From", $"is '{text}'; write one address, such as Modular <modular@example.com>."),
    };
}

/// <summary>The server that takes the mails.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">465 is encrypted from the start; on others STARTTLS is used when it is offered.</param>
/// <param name="From">The sender.</param>
/// <param name="Hello">What this server calls itself; null for its own address.</param>
/// <param name="Username">Null where the mail server wants no login.</param>
/// <param name="Password">To the username.</param>
/// <param name="DemandsStartTls">Nothing is sent where STARTTLS is not offered.</param>
internal sealed record Smarthost(
    string Host, int Port, MailboxAddress From, string? Hello, string? Username, string? Password, bool DemandsStartTls)
{
    /// <summary>Keeps the record's generated text from showing the password in a log.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
