using System.Globalization;
using System.Text.RegularExpressions;

namespace Modular.Users.SignIn.Domain;

/// <summary>Reads the parts of a stored hash out of the match of its form.</summary>
internal static class HashText
{
    /// <summary>A number whose digits the form has bounded.</summary>
    internal static long Number(this Match match, string part) =>
        long.Parse(match.Groups[part].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>What stands in base64 without padding; null where no bytes are written like that.</summary>
    internal static byte[]? Bytes(this Match match, string part)
    {
        var text = match.Groups[part].Value;
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[text.Length * 3 / 4];
        return Convert.TryFromBase64String(padded, bytes, out var written) && written == bytes.Length ? bytes : null;
    }

    internal static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');
}
