using System.Globalization;
using System.Text;

namespace Modular.UserSkills.Domain;

/// <summary>Where a skill is kept.</summary>
internal enum SkillSource
{
    /// <summary>Here, by the user.</summary>
    Personal,

    /// <summary>In the workspace that an agent works in; only the agent knows what it says.</summary>
    Workspace,
}

/// <summary>A skill as a model is told of it.</summary>
/// <param name="Alias">What the model passes to <c>read_skill</c>: a valid name, behind <c>source/</c> where it must be. Shown as it is.</param>
/// <param name="Description">As its author wrote it; may be empty.</param>
/// <param name="Source">Whose word the description is: this server has limited the length of personal ones only.</param>
internal readonly record struct CatalogueEntry(string Alias, string Description, SkillSource Source);

/// <summary>
/// The text that tells a model which skills there are. Descriptions are written by people and files from anywhere, and stand in a
/// model's context without being asked for: they keep to one line, cannot close the block, and show everything they say.
/// </summary>
internal static class SkillCatalogue
{
    /// <summary>In code points, the ellipsis included.</summary>
    internal const int MaxForeignDescription = 1_024;

    private const string Closing = "</available-skills>";
    private const int ZeroWidthNonJoiner = 0x200C;

    /// <summary>The whole block, without a newline at its end; nothing at all where there are no skills. Entries stay in their order.</summary>
    internal static string Text(IReadOnlyCollection<CatalogueEntry> entries) => entries.Count == 0
        ? ""
        : Opening(entries) + string.Concat(entries.Select(Line)) + Closing;

    /// <summary>
    /// The entries whose block has at most this many code points. One that is too long for what is left is left out, and those behind
    /// it are still tried, so that one long description does not hide all other skills.
    /// </summary>
    internal static IReadOnlyList<CatalogueEntry> Fitting(IReadOnlyCollection<CatalogueEntry> entries, int maxChars)
    {
        var left = maxChars - LengthOf(Opening(entries)) - LengthOf(Closing);
        var fitting = new List<CatalogueEntry>(entries.Count);
        foreach (var entry in entries)
        {
            var length = LengthOf(Line(entry));
            if (length <= left)
            {
                left -= length;
                fitting.Add(entry);
            }
        }

        return fitting;
    }

    private static string Opening(IReadOnlyCollection<CatalogueEntry> entries)
    {
        var opening = new StringBuilder("<available-skills>\n")
            .Append("Before you follow one of these skills, load its full instructions with read_skill.\n");
        if (entries.Any(entry => entry.Source is SkillSource.Workspace))
        {
            opening.Append("read_skill_file reads the other files of a workspace skill; only workspace skills have any.\n");
        }

        if (entries.Any(entry => entry.Alias.Contains('/', StringComparison.Ordinal)))
        {
            opening.Append("Where the name below has a prefix, pass it to read_skill with the prefix, exactly as it stands there.\n");
        }

        return opening.Append('\n').ToString();
    }

    private static string Line(CatalogueEntry entry) =>
        Cleaned(entry) is { Length: > 0 } description ? $"- {entry.Alias}: {description}\n" : $"- {entry.Alias}\n";

    private static string Cleaned(CatalogueEntry entry)
    {
        var description = entry.Source is SkillSource.Personal ? entry.Description : Cut(entry.Description);
        var shown = new StringBuilder(description.Length);
        var blank = false;
        foreach (var rune in SkillFile.WithoutComments(description).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                blank = true;
            }
            else if (!IsInvisible(rune))
            {
                if (blank && shown.Length > 0)
                {
                    shown.Append(' ');
                }

                blank = false;
                _ = rune.Value switch
                {
                    '<' => shown.Append("&lt;"),
                    '>' => shown.Append("&gt;"),
                    _ => shown.Append(rune),
                };
            }
        }

        return shown.ToString();
    }

    private static string Cut(string description)
    {
        if (LengthOf(description) <= MaxForeignDescription)
        {
            return description;
        }

        var cut = new StringBuilder(MaxForeignDescription);
        foreach (var rune in description.EnumerateRunes().Take(MaxForeignDescription - 1))
        {
            cut.Append(rune);
        }

        return cut.Append('…').ToString();
    }

    private static int LengthOf(string text) => text.EnumerateRunes().Count();

    /// <summary>What Unicode calls default ignorable: text can hide in it from people, not from a model. Persian needs the non-joiner.</summary>
    private static bool IsInvisible(Rune rune) => rune.Value != ZeroWidthNonJoiner
        && (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format
            || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
                or 0x2065 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF));
}
