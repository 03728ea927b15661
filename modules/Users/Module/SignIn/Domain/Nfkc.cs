using System.Globalization;
using System.Text;

namespace Modular.Users.SignIn.Domain;

/// <summary>
/// Unicode normalisation form KC by tables of our own. <see cref="string.Normalize(NormalizationForm)"/> gives its input back unchanged
/// under InvariantGlobalization, and otherwise depends on the ICU of the machine; what goes into a password's hash must be the same
/// everywhere.
/// </summary>
internal static class Nfkc
{
    // Hangul syllables are computed, not listed (chapter 3.12 of the Unicode standard).
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int BeforeFirstTrail = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Trails = 28;

    private static readonly Lazy<Tables> Loaded = new(Tables.Load);

    internal static string Normalize(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var tables = Loaded.Value;
        var points = Decompose(text, tables);
        SortMarks(points, tables);

        var normal = new StringBuilder(text.Length);
        foreach (var point in Compose(points, tables))
        {
            normal.Append(new Rune(point));
        }

        return normal.ToString();
    }

    private static List<int> Decompose(string text, Tables tables)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (tables.Decompositions.TryGetValue(rune.Value, out var parts))
            {
                points.AddRange(parts);
            }
            else if (rune.Value - FirstSyllable is >= 0 and < Leads * Vowels * Trails and var syllable)
            {
                points.Add(FirstLead + (syllable / (Vowels * Trails)));
                points.Add(FirstVowel + (syllable / Trails % Vowels));
                if (syllable % Trails > 0)
                {
                    points.Add(BeforeFirstTrail + (syllable % Trails));
                }
            }
            else
            {
                points.Add(rune.Value);
            }
        }

        return points;
    }

    // Marks on one letter are ordered by class, stably: those of the same class sit on top of each other in the order written.
    private static void SortMarks(List<int> points, Tables tables)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && tables.ClassOf(points[end]) > 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var sorted = points[start..end].OrderBy(tables.ClassOf).ToList();
                for (var i = 0; i < sorted.Count; i++)
                {
                    points[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    private static List<int> Compose(List<int> points, Tables tables)
    {
        const int nothing = -1;
        var composed = new List<int>(points.Count);
        var starter = nothing;
        var classBefore = nothing; // Of what stands between the starter and this point.
        foreach (var point in points)
        {
            var markClass = tables.ClassOf(point);
            if (starter != nothing && classBefore < markClass && Pair(composed[starter], point, tables) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }

            if (markClass == 0)
            {
                starter = composed.Count;
                classBefore = nothing;
            }
            else
            {
                classBefore = markClass;
            }

            composed.Add(point);
        }

        return composed;
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        if (first - FirstLead is >= 0 and < Leads and var lead && second - FirstVowel is >= 0 and < Vowels and var vowel)
        {
            return FirstSyllable + (((lead * Vowels) + vowel) * Trails);
        }

        if (first - FirstSyllable is >= 0 and < Leads * Vowels * Trails and var syllable && syllable % Trails == 0
            && second - BeforeFirstTrail is > 0 and < Trails and var trail)
        {
            return first + trail;
        }

        return tables.Compositions.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, int> markClasses = [];

        internal Dictionary<int, int[]> Decompositions { get; } = [];

        internal Dictionary<(int First, int Second), int> Compositions { get; } = [];

        internal static Tables Load()
        {
            var tables = new Tables();
            foreach (var fields in EmbeddedData.Lines("nfkc.txt.gz").Select(line => line.Split(' ')))
            {
                var point = Hex(fields[1]);
                switch (fields[0])
                {
                    case "D":
                        tables.Decompositions.Add(point, [.. fields[2..].Select(Hex)]);
                        break;
                    case "C":
                        tables.Compositions.Add((Hex(fields[2]), Hex(fields[3])), point);
                        break;
                    default:
                        tables.markClasses.Add(point, int.Parse(fields[2], CultureInfo.InvariantCulture));
                        break;
                }
            }

            return tables;

            static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        internal int ClassOf(int point) => markClasses.GetValueOrDefault(point);
    }
}
