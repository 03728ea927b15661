using System.Text;
using Modular.SharedKernel.Text;

namespace Modular.UserSkills.Domain;

/// <summary>What a SKILL.md says: its frontmatter's name and description, and the instructions as a model reads them.</summary>
/// <param name="Name">Kebab-case.</param>
/// <param name="Description">Empty where the file has none.</param>
/// <param name="Body">Without HTML comments and outer white space; never empty.</param>
internal sealed record SkillFile(string Name, string Description, string Body)
{
    // All limits are inclusive and in bytes of UTF-8.
    internal const int MaxContentBytes = 65_536;
    internal const int MaxNameBytes = 256;
    internal const int MaxDescriptionBytes = 4_096;

    /// <summary>As the database checks it; the program compares character by character.</summary>
    internal const string NamePattern = "^[a-z0-9]+(-[a-z0-9]+)*$";

    private const string Delimiter = "---";
    private const char ByteOrderMark = '\uFEFF';

    /// <summary>Reads a file as it was sent. Null, and the first problem, when it is no valid skill.</summary>
    internal static SkillFile? Parse(string content, out SkillFileProblem? problem)
    {
        problem = null;
        var size = Encoding.UTF8.GetByteCount(content);
        if (size > MaxContentBytes)
        {
            problem = new(SkillFileProblemKind.TooLarge, $"The file has {size} bytes; at most {MaxContentBytes} are allowed.");
            return null;
        }

        var (lines, end) = Split(content);
        if (end <= 0)
        {
            problem = new(SkillFileProblemKind.Content, end == 0
                ? "The file must begin with a line '---' that opens the frontmatter."
                : "The frontmatter is never closed; end it with a line '---'.");
            return null;
        }

        if (Frontmatter.Read(string.Join('\n', lines[1..end]), out var fault) is not { } frontmatter)
        {
            problem = new(SkillFileProblemKind.Content, fault!);
            return null;
        }

        problem = NameProblem(frontmatter.Name, present: true)
            ?? (frontmatter.Description.IsText ? null : new SkillFileProblem(SkillFileProblemKind.Content, "The description must be a text; put it in quotation marks."))
            ?? NameProblem(frontmatter.Name, present: false);
        if (problem is not null)
        {
            return null;
        }

        var description = Trimmed(frontmatter.Description.Text);
        if (!StorableText.Is(description))
        {
            problem = new(SkillFileProblemKind.Content, "The description has an escape that makes U+0000 or half of a character; remove it.");
            return null;
        }

        var descriptionSize = Encoding.UTF8.GetByteCount(description);
        if (descriptionSize > MaxDescriptionBytes)
        {
            problem = new(
                SkillFileProblemKind.DescriptionTooLarge, $"The description has {descriptionSize} bytes; at most {MaxDescriptionBytes} are allowed.");
            return null;
        }

        var body = WithoutComments(string.Join('\n', lines[(end + 1)..])).Trim();
        if (body.Length == 0)
        {
            problem = new(SkillFileProblemKind.BodyRequired, "Write the instructions below the frontmatter; comments alone do not count.");
            return null;
        }

        return new SkillFile(Trimmed(frontmatter.Name.Text), description, body);
    }

    /// <summary>Whether a skill can have this name.</summary>
    internal static bool IsName(string name) => name.Length <= MaxNameBytes && IsKebabCase(name);

    /// <summary>The YAML between the delimiters; null where they are not there.</summary>
    internal static string? FrontmatterOf(string content) => Split(content) is { End: > 0 and var end, Lines: var lines } ? string.Join('\n', lines[1..end]) : null;

    /// <summary>The lines, and which of them closes the frontmatter: 0 where it is never opened, less where it is never closed.</summary>
    private static (string[] Lines, int End) Split(string content)
    {
        var lines = (content is [ByteOrderMark, ..] ? content[1..] : content).Split('\n');
        return (lines, lines[0].Trim() == Delimiter ? Array.FindIndex(lines, 1, line => line.Trim() == Delimiter) : 0);
    }

    /// <summary>A missing name comes before a wrong description, a wrong one after it.</summary>
    private static SkillFileProblem? NameProblem(FrontmatterValue value, bool present)
    {
        var name = Trimmed(value.Text);
        if (present)
        {
            return value is { IsPresent: true, IsText: true } && name.Length > 0
                ? null
                : new(SkillFileProblemKind.Name, value is { IsPresent: true, IsText: false }
                    ? "YAML reads this name as something else than a text; put it in quotation marks."
                    : "The frontmatter needs a name: a line such as 'name: tidy-logs'.");
        }

        if (!IsKebabCase(name))
        {
            return new(SkillFileProblemKind.Name, "A name has lower-case letters and digits in groups joined by single hyphens, such as tidy-logs.");
        }

        return name.Length > MaxNameBytes
            ? new(SkillFileProblemKind.Name, $"The name has {name.Length} bytes; at most {MaxNameBytes} are allowed.")
            : null;
    }

    private static bool IsKebabCase(string name)
    {
        var afterHyphen = true;
        foreach (var c in name)
        {
            if (c == '-' ? afterHyphen : !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
            {
                return false;
            }

            afterHyphen = c == '-';
        }

        return !afterHyphen;
    }

    /// <summary>Block scalars end in line breaks that are not meant.</summary>
    private static string Trimmed(string value) => value.TrimEnd('\r', '\n');

    /// <summary>From each opening to the nearest closing; one that is never closed stays. A single pass, however hostile the text.</summary>
    internal static string WithoutComments(string text)
    {
        const string Open = "<!--";
        const string Close = "-->";
        var kept = new StringBuilder(text.Length);
        var position = 0;
        while (text.IndexOf(Open, position, StringComparison.Ordinal) is >= 0 and var start
            && text.IndexOf(Close, start + Open.Length, StringComparison.Ordinal) is >= 0 and var end)
        {
            kept.Append(text, position, start - position);
            position = end + Close.Length;
        }

        return kept.Append(text, position, text.Length - position).ToString();
    }
}

/// <summary>Why a file is no valid skill, with the remedy.</summary>
internal sealed record SkillFileProblem(SkillFileProblemKind Kind, string Detail);

/// <summary>Each kind has its own message on the wire.</summary>
internal enum SkillFileProblemKind
{
    TooLarge,

    /// <summary>Delimiters, YAML, or a description that is no text.</summary>
    Content,

    Name,
    DescriptionTooLarge,
    BodyRequired,
}
