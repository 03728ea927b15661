using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Modular.SharedKernel.Json;

/// <summary>
/// Writes text into JSON as it is, signs of every script and plane included. Escaped is what JSON (RFC 8259 section 7) demands, and what
/// would mean something to a page that the JSON is put into: <c>&lt; &gt; &amp;</c> and the line separators U+2028 and U+2029.
/// Half a surrogate pair, which no input may contain, becomes U+FFFD.
/// </summary>
internal sealed class JsonEscaping : JavaScriptEncoder
{
    private const char LineSeparator = '\u2028';
    private const char ParagraphSeparator = '\u2029';

    private static readonly SearchValues<char> escaped = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(control => (char)control), '"', '\\', '<', '>', '&', LineSeparator, ParagraphSeparator]);

    /// <summary>Together with what may be half of a pair.</summary>
    private static readonly SearchValues<char> suspicious = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(unit => (char)unit).Where(unit => escaped.Contains(unit) || char.IsSurrogate(unit))]);

    private JsonEscaping()
    {
    }

    /// <summary>It has no state.</summary>
    internal static JsonEscaping Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => @"\u0000".Length;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar <= char.MaxValue && escaped.Contains((char)unicodeScalar);

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var rest = new ReadOnlySpan<char>(text, textLength);
        for (var read = 0; ;)
        {
            var next = rest[read..].IndexOfAny(suspicious);
            if (next < 0)
            {
                return -1;
            }

            read += next;
            if (read + 1 == textLength || !char.IsSurrogatePair(rest[read], rest[read + 1]))
            {
                return read;
            }

            read += 2;
        }
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var to = new Span<char>(buffer, bufferLength);
        var form = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => @"\\",
            '\b' => @"\b",
            '\f' => @"\f",
            '\n' => @"\n",
            '\r' => @"\r",
            '\t' => @"\t",
            _ => null,
        };
        if (form is null)
        {
            return WillEncode(unicodeScalar)
                ? to.TryWrite($"\\u{unicodeScalar:x4}", out numberOfCharactersWritten)
                : new Rune(unicodeScalar).TryEncodeToUtf16(to, out numberOfCharactersWritten);
        }

        numberOfCharactersWritten = form.TryCopyTo(to) ? form.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
