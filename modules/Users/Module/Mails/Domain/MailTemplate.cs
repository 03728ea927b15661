using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;

namespace Modular.Users.Mails.Domain;

/// <summary>
/// A file of <c>Templates/</c>: the subject in the first line, then the text, then below a line of dashes the same as HTML. What stands in
/// double braces is filled in, escaped in the HTML; a name that is not known is a mistake in the file.
/// </summary>
internal sealed partial record MailTemplate(string Subject, string Text, string Html)
{
    private const string Divider = "\n---\n";

    private static readonly ConcurrentDictionary<string, MailTemplate> read = new();

    internal static MailTemplate Of(string kind) => read.GetOrAdd(kind, Read);

    internal MailTemplate Fill(IReadOnlyDictionary<string, string> values) => new(
        Fill(Subject, name => LineBreaks().Replace(values[name], " ")),
        Fill(Text, name => values[name]),
        Fill(Html, name => WebUtility.HtmlEncode(values[name])));

    private static MailTemplate Read(string kind)
    {
        using var stored = typeof(MailTemplate).Assembly.GetManifestResourceStream($"Modular.Users.Mails.Templates.{kind}.txt")
            ?? throw new InvalidOperationException($"There is no template for mails of the kind {kind}.");
        using var reader = new StreamReader(stored);
        var file = reader.ReadToEnd();
        var (subject, divider) = (file.IndexOf('\n', StringComparison.Ordinal), file.IndexOf(Divider, StringComparison.Ordinal));
        return new MailTemplate(file[..subject], file[subject..divider].Trim() + "\n", file[(divider + Divider.Length)..]);
    }

    private static string Fill(string template, Func<string, string> value) => Places().Replace(template, place => value(place.Groups[1].Value));

    [GeneratedRegex(@"\{\{([a-z_]+)\}\}")]
    private static partial Regex Places();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+")]
    private static partial Regex LineBreaks();
}
