using System.Globalization;
using System.Text.RegularExpressions;

namespace Modular.UserSkills.Domain;

/// <summary>
/// What YAML reads in a value without quotation marks, by the rules of gopkg.in/yaml.v3: a name such as <c>true</c>, <c>1e3</c> or
/// <c>2026-05-14</c> is no text unless it is quoted. Types are named by their tags.
/// </summary>
internal static partial class PlainScalar
{
    internal const string Text = "tag:yaml.org,2002:str";
    internal const string Null = "tag:yaml.org,2002:null";
    internal const string Boolean = "tag:yaml.org,2002:bool";
    internal const string Integer = "tag:yaml.org,2002:int";
    internal const string Float = "tag:yaml.org,2002:float";
    internal const string Timestamp = "tag:yaml.org,2002:timestamp";
    internal const string Binary = "tag:yaml.org,2002:binary";
    internal const string Merge = "tag:yaml.org,2002:merge";

    internal static string TypeOf(string value) => value switch
    {
        "" or "~" or "null" or "Null" or "NULL" => Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => Boolean,
        ".nan" or ".NaN" or ".NAN" => Float,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" => Float,
        "<<" => Merge,
        [>= '0' and <= '9' or '+' or '-' or '.', ..] => NumberOrTime(value),
        _ => Text,
    };

    private static string NumberOrTime(string value)
    {
        if (IsTimestamp(value))
        {
            return Timestamp;
        }

        var plain = value.Replace("_", "", StringComparison.Ordinal);
        return IsInteger(plain) ? Integer
            : FloatForm().IsMatch(plain) && double.IsFinite(double.Parse(plain, CultureInfo.InvariantCulture)) ? Float
            : Text;
    }

    /// <summary>Decimal, or with one of the prefixes 0x 0o 0b 0, in 64 bits, signed or not.</summary>
    private static bool IsInteger(string text)
    {
        var signed = text is ['+' or '-', ..];
        var digits = signed ? text[1..] : text;
        var (radix, rest) = digits switch
        {
            ['0', 'x' or 'X', .. var hex] => (16, hex),
            ['0', 'o' or 'O', .. var octal] => (8, octal),
            ['0', 'b' or 'B', .. var binary] => (2, binary),
            ['0', .. { Length: > 0 } octal] => (8, octal),
            _ => (10, digits),
        };
        if (rest.Length == 0)
        {
            return false;
        }

        UInt128 magnitude = 0;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            magnitude = (magnitude * (UInt128)radix) + (UInt128)digit;
            if (digit >= radix || magnitude > ulong.MaxValue)
            {
                return false;
            }
        }

        return !signed || magnitude <= (text[0] == '-' ? (UInt128)long.MaxValue + 1 : (UInt128)long.MaxValue);
    }

    private static bool IsTimestamp(string value)
    {
        if (TimestampForm().Match(value) is not { Success: true } match)
        {
            return false;
        }

        var (year, month, day) = (Number("year"), Number("month"), Number("day"));
        return month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month)
            && Number("hour") < 24
            && Number("minute") < 60
            && Number("second") < 60;

        int Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex FloatForm();

    /// <summary>A date; a date and a time joined by T, with a zone; or the two joined by a blank, without one.</summary>
    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})"
        + @"(([Tt](?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))"
        + @"|( (?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})([.,][0-9]+)?))?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex TimestampForm();
}
