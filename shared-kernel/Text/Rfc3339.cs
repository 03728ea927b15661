using System.Globalization;
using System.Text.RegularExpressions;

namespace Modular.SharedKernel.Text;

/// <summary>Times as RFC 3339 writes them.</summary>
internal static partial class Rfc3339
{
    /// <summary>
    /// The instant in UTC, a fraction cut to 100 ns; null for what is no such time, and for what .NET cannot hold (before the year 1
    /// or after 9999 in UTC). DateTimeOffset's own parser stops at offsets of 14 hours, hence this one.
    /// </summary>
    internal static DateTimeOffset? Parse(string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (Form().Match(text) is not { Success: true } match
            || !DateOnly.TryParseExact(match.Groups["date"].ValueSpan, "yyyy-MM-dd", invariant, DateTimeStyles.None, out var date)
            || !TimeOnly.TryParseExact(match.Groups["time"].ValueSpan, "HH:mm:ss", invariant, DateTimeStyles.None, out var time))
        {
            return null;
        }

        var fraction = match.Groups["fraction"].Value.PadRight(7, '0')[..7];
        var offset = TimeSpan.Zero;
        if (match.Groups["offset"] is { Success: true, Value: var written })
        {
            var (hours, minutes) = (Number(written[1..3]), Number(written[4..]));
            if (hours > 23 || minutes > 59)
            {
                return null;
            }

            offset = new TimeSpan(hours, minutes, 0) * (written[0] == '-' ? -1 : 1);
        }

        var ticks = date.ToDateTime(time).Ticks + Number(fraction) - offset.Ticks;
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?<fraction>[0-9]+))?"
        + @"(?:[Zz]|(?<offset>[+-][0-9]{2}:[0-9]{2}))\z")]
    private static partial Regex Form();
}
