using System.Text;
using Modular.UserSkills.Domain;

namespace Modular.Tests.Unit.UserSkills;

/// <summary>What is a valid SKILL.md, and what is wrong with one that is not. In the tables CR stands for a carriage return.</summary>
public sealed class SkillFileTests
{
    private const string NoBreakSpace = "\u00A0";
    private const string ZeroWidthSpace = "\u200B";
    private const string ByteOrderMark = "\uFEFF";

    [Theory]
    [InlineData("name: tidy\ndescription: Trim old logs", "Trim old logs")]
    [InlineData("name: tidy", "")]
    [InlineData("{name: tidy, description: Trim}", "Trim")]
    [InlineData("{\"name\":\"tidy\"}", "")]
    [InlineData("  name: tidy\n  description: Trim", "Trim")]
    [InlineData("name: \"tidy\"\ndescription: 'it''s'", "it's")]
    [InlineData("name: tidy\ndescription: \"Say \\\"hi\\\" at C:\\\\tmp\"", "Say \"hi\" at C:\\tmp")]
    [InlineData("name: tidy\ndescription: Build # test", "Build")]
    [InlineData("name: tidy\ndescription: C#-style", "C#-style")]
    [InlineData("name: tidy\ndescription: http://x/y", "http://x/y")]
    [InlineData("name: tidy\ndescription: >\n  one two\n  three", "one two three")]
    [InlineData("name: tidy\ndescription: >+\n  one\n\n\nlicense: MIT", "one")]
    [InlineData("name: tidy\ndescription: |\n  one\n  two", "one\ntwo")]
    [InlineData("name: tidy\r\ndescription: |\r\n  one\r\n  two\r", "one\ntwo")]
    [InlineData("name: tidy\ndescription: one\n  two", "one two")]
    [InlineData("name: tidy\ndescription: \"\"", "")]
    [InlineData("name: tidy\ndescription: yes", "yes")]
    [InlineData("name: tidy\ndescription: off", "off")]
    [InlineData("name: tidy\ndescription: nan", "nan")]
    [InlineData("name: tidy\ndescription: 1.2.3", "1.2.3")]
    [InlineData("name: tidy\ndescription: 10:30", "10:30")]
    [InlineData("name: tidy\ndescription: 2026-13-40", "2026-13-40")]
    [InlineData("name: tidy\nlicense: MIT\nmetadata:\n  a: 1\nallowed-tools: [Read, Bash]", "")]
    [InlineData("name: tidy\nDescription: Trim", "")]
    [InlineData("name : tidy", "")]
    [InlineData("\"name\": tidy", "")]
    [InlineData("name: &n tidy\ndescription: *n", "tidy")]
    [InlineData("base: &b\n  name: tidy\n<<: *b", "")]
    [InlineData("a: &a {name: tidy, description: first}\nb: &b {description: second}\n<<: [*a, *b]", "first")]
    [InlineData("base: &b {name: other, description: merged}\n<<: *b\nname: tidy", "merged")]
    [InlineData("name: tidy\ndescription: !!str 42", "42")]
    [InlineData("name: tidy\ndescription: !x hello", "hello")]
    [InlineData("name: tidy\ndescription: !!binary aGk=", "hi")]
    [InlineData("name: tidy\n1: one\n~: two\ntrue: three", "")]
    [InlineData("name: tidy\nlicense: ~\nmetadata: {a: [b, {c: 1}], d: 2026-05-14}", "")]
    public void A_valid_frontmatter_gives_name_and_description(string frontmatter, string description)
    {
        var file = Accepts(InFile(frontmatter));

        Assert.Equal(("tidy", description, "Do it."), (file.Name, file.Description, file.Body));
    }

    [Theory]
    [InlineData("- a\n- b")]
    [InlineData("name: tidy\ndescription: \"a\\0b\"")]
    [InlineData("name: tidy\ndescription: \"\\x00\"")]
    [InlineData("name: tidy\ndescription: \"\\u0000\"")]
    [InlineData("name: tidy\ndescription: !!binary AA==")]
    [InlineData("name: tidy\ndescription: \"\\uD800\"")]
    [InlineData("hello")]
    [InlineData("name:tidy")]
    [InlineData("name: tidy\n description: x")]
    [InlineData("name: tidy\nmetadata:\n\ta: 1")]
    [InlineData("name: tidy\ndescription: \"C:\\tmp\\q\"")]
    [InlineData("name: \"tidy")]
    [InlineData("name: tidy\ndescription: Use when: editing")]
    [InlineData("name: tidy\ndescription:")]
    [InlineData("name: tidy\ndescription: null")]
    [InlineData("name: tidy\ndescription: ~")]
    [InlineData("name: tidy\ndescription: 42")]
    [InlineData("name: tidy\ndescription: 1.0")]
    [InlineData("name: tidy\ndescription: true")]
    [InlineData("name: tidy\ndescription: 2026-05-14")]
    [InlineData("name: tidy\ndescription: 2026-05-14 10:00:00")]
    [InlineData("name: tidy\ndescription: 2026-05-14T10:00:00Z")]
    [InlineData("name: tidy\ndescription: 2026-5-4")]
    [InlineData("name: tidy\ndescription: Null")]
    [InlineData("name: tidy\ndescription: NULL")]
    [InlineData("name: tidy\ndescription: TRUE")]
    [InlineData("name: tidy\ndescription: false")]
    [InlineData("name: tidy\ndescription: +5")]
    [InlineData("name: tidy\ndescription: 1_000")]
    [InlineData("name: tidy\ndescription: 0755")]
    [InlineData("name: tidy\ndescription: 08")]
    [InlineData("name: tidy\ndescription: 1e3")]
    [InlineData("name: tidy\ndescription: .inf")]
    [InlineData("name: tidy\ndescription: .nan")]
    [InlineData("name: tidy\ndescription: [a, b]")]
    [InlineData("name: tidy\ndescription: {a: b}")]
    [InlineData("name: tidy\ndescription: @here")]
    [InlineData("name: tidy\ndescription: `x`")]
    [InlineData("name: tidy\ndescription: %x")]
    [InlineData("name: tidy\ndescription: *bold*")]
    [InlineData("name: tidy\ndescription: [draft] x")]
    [InlineData("name: tidy\ndescription: bell \u0007")]
    [InlineData("name: tidy\ndescription: nul \0")]
    [InlineData("name: tidy\nname: other")]
    [InlineData("x: 1\nx: 2\nname: tidy")]
    [InlineData("name: tidy\nmetadata:\n  a: 1\n  a: 2")]
    [InlineData("name: - tidy")]
    [InlineData("name: Bad Name\ndescription: 42")]
    [InlineData("name: tidy\n[a, b]: c")]
    [InlineData("name: tidy\n? {a: b}\n: c")]
    [InlineData("name: tidy\n<<: 1")]
    [InlineData("name: tidy\ndescription: !!int \"x\"")]
    [InlineData("name: tidy\ndescription: !!int \"42\"")]
    [InlineData("name: tidy\ndescription: !!binary not-base64")]
    [InlineData("a: &a [*a]\nname: tidy")]
    [InlineData("name: tidy\n--- other")]
    public void A_frontmatter_that_is_no_mapping_of_texts_is_content(string frontmatter) => Refuses(SkillFileProblemKind.Content, InFile(frontmatter));

    [Theory]
    [InlineData("description: x")]
    [InlineData("# only a comment")]
    [InlineData("Name: tidy")]
    [InlineData("name: null")]
    [InlineData("name: ~")]
    [InlineData("name:")]
    [InlineData("name: \"\"")]
    [InlineData("name: \"\\n\\n\"")]
    [InlineData("description: 42")]
    [InlineData("name: [tidy]")]
    [InlineData("name: {a: b}")]
    [InlineData("name: \"tidy \"")]
    public void A_missing_or_empty_name_is_name(string frontmatter) => Refuses(SkillFileProblemKind.Name, InFile(frontmatter));

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    [InlineData("0")]
    [InlineData("08")]
    [InlineData("123")]
    [InlineData("0755")]
    [InlineData("0o17")]
    [InlineData("0x1f")]
    [InlineData("0b11")]
    [InlineData("1e3")]
    [InlineData("1e-3")]
    [InlineData("2026-05-14")]
    [InlineData("2026-5-4")]
    public void A_name_that_yaml_reads_as_no_text_must_be_quoted(string name)
    {
        Refuses(SkillFileProblemKind.Name, InFile($"name: {name}"));
        if (!name.Any(char.IsAsciiLetterUpper))
        {
            Assert.Equal(name, Accepts(InFile($"name: \"{name}\"")).Name);
            Assert.Equal(name, Accepts(InFile($"name: !!str {name}")).Name);
        }
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("on")]
    [InlineData("n")]
    [InlineData("nan")]
    [InlineData("1e")]
    [InlineData("e5")]
    [InlineData("0b2")]
    [InlineData("0xzz")]
    [InlineData("12-34")]
    [InlineData("1234-5")]
    [InlineData("1-1-1")]
    [InlineData("2026-13-40")]
    [InlineData("2026-02-30")]
    [InlineData("3-way-merge")]
    [InlineData("null-check")]
    [InlineData("2026-05-14-notes")]
    [InlineData("1e5-x")]
    [InlineData("a")]
    public void A_name_that_only_looks_like_something_else_is_a_text(string name) => Assert.Equal(name, Accepts(InFile($"name: {name}")).Name);

    [Fact]
    public void A_block_scalar_loses_its_line_break() => Assert.Equal("tidy", Accepts(InFile("name: |\n  tidy")).Name);

    [Theory]
    [InlineData("Not_Kebab")]
    [InlineData("NotKebab")]
    [InlineData("tidy logs")]
    [InlineData("tidy--logs")]
    [InlineData("-tidy")]
    [InlineData("tidy-")]
    [InlineData("personal/tidy")]
    [InlineData("tidy.logs")]
    [InlineData("café")]
    [InlineData("tidy１")]
    public void A_name_must_be_kebab_case(string name) => Refuses(SkillFileProblemKind.Name, InFile($"name: {name}"));

    [Fact]
    public void A_name_has_at_most_256_bytes()
    {
        Assert.Equal(256, Accepts(InFile($"name: {new string('a', 256)}")).Name.Length);
        Refuses(SkillFileProblemKind.Name, InFile($"name: {new string('a', 257)}"));
        Refuses(SkillFileProblemKind.Name, InFile($"name: {new string('1', 256)}"));
    }

    [Theory]
    [InlineData('d', 4_096)]
    [InlineData('é', 2_048)]
    public void A_description_has_at_most_4096_bytes(char letter, int count)
    {
        Accepts(InFile($"name: tidy\ndescription: {new string(letter, count)}"));
        var problem = Refuses(SkillFileProblemKind.DescriptionTooLarge, InFile($"name: tidy\ndescription: {new string(letter, count + 1)}"));

        Assert.Contains("4096", problem.Detail, StringComparison.Ordinal);
        Refuses(SkillFileProblemKind.DescriptionTooLarge, $"---\nname: tidy\ndescription: {new string(letter, count + 1)}\n---\n");
    }

    [Fact]
    public void A_file_has_at_most_65536_bytes_valid_or_not()
    {
        const string Head = "---\nname: tidy\n---\n";
        Accepts(Head + new string('x', SkillFile.MaxContentBytes - Head.Length));
        Refuses(SkillFileProblemKind.TooLarge, Head + new string('x', SkillFile.MaxContentBytes - Head.Length + 1));
        Refuses(SkillFileProblemKind.TooLarge, new string('x', SkillFile.MaxContentBytes + 1));
        Refuses(SkillFileProblemKind.TooLarge, new string('é', (SkillFile.MaxContentBytes / 2) + 1));
    }

    public static TheoryData<string> ValidDelimiters => new()
    {
        "---\nname: tidy\n---\nDo it.",
        "---\r\nname: tidy\r\ndescription: \"\"\r\n---\r\nDo it.\r\n",
        ByteOrderMark + InFile("name: tidy"),
        "  ---  \nname: tidy\n\t---\t\nDo it.\n",
        NoBreakSpace + "---" + NoBreakSpace + "\nname: tidy\n---\nDo it.\n",
    };

    [Theory, MemberData(nameof(ValidDelimiters))]
    public void White_space_and_one_byte_order_mark_around_delimiters_do_not_matter(string content)
    {
        var file = Accepts(content);

        Assert.Equal(("tidy", "", "Do it."), (file.Name, file.Description, file.Body));
    }

    public static TheoryData<string> InvalidDelimiters => new()
    {
        "---\rname: tidy\r---\rDo it.\r",
        ByteOrderMark + ByteOrderMark + InFile("name: tidy"),
        "\n" + InFile("name: tidy"),
        ZeroWidthSpace + InFile("name: tidy"),
        "----\nname: tidy\n----\nDo it.\n",
        "--- yaml\nname: tidy\n---\nDo it.\n",
        "name: tidy\n---\nDo it.",
        "---\nname: tidy\nDo it.\n",
        "---\nname: tidy\n...\nDo it.\n",
        "",
        "---",
    };

    [Theory, MemberData(nameof(InvalidDelimiters))]
    public void Without_both_delimiters_it_is_content(string content) => Refuses(SkillFileProblemKind.Content, content);

    [Fact]
    public void Lines_may_end_in_both() => Assert.Equal("Trim", Accepts("---\r\nname: tidy\r\ndescription: Trim\r\n---\r\nDo it.\r\n").Description);

    [Fact]
    public void A_file_may_end_with_its_frontmatter_and_has_no_body_then() => Refuses(SkillFileProblemKind.BodyRequired, "---\nname: tidy\n---");

    [Fact]
    public void An_empty_frontmatter_lacks_a_name() => Refuses(SkillFileProblemKind.Name, "---\n---\nDo it.");

    [Fact]
    public void A_delimiter_closes_even_inside_a_block_scalar()
    {
        var file = Accepts(InFile("name: tidy\ndescription: |\n  a\n  ---\n  b"));

        Assert.Equal(("a", "b\n---\nDo it."), (file.Description, file.Body));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\r\n\u0085\u00A0")]
    [InlineData("<!-- a\nb -->\n<!---->")]
    public void A_body_of_nothing_but_white_space_and_comments_is_missing(string body) =>
        Refuses(SkillFileProblemKind.BodyRequired, $"---\nname: tidy\n---\n{body}");

    [Theory]
    [InlineData("\u200B", "\u200B")]
    [InlineData("A <!-- x --> B", "A  B")]
    [InlineData("A\n<!-- x\ny -->\nB", "A\n\nB")]
    [InlineData("<!-- x", "<!-- x")]
    [InlineData("<!-->", "<!-->")]
    [InlineData("<!-- a <!-- b --> c -->", "c -->")]
    [InlineData("```\n<!-- x -->\n```", "```\n\n```")]
    [InlineData("A\n---\nB", "A\n---\nB")]
    [InlineData("A\0B", "A\0B")]
    public void Comments_are_taken_out_of_the_body_and_nothing_else(string body, string clean) =>
        Assert.Equal(clean, Accepts($"---\nname: tidy\n---\n{body}").Body);

    public static TheoryData<string> Hostile => new()
    {
        "x: " + new string('[', 60_000),
        new string('[', 60_000),
        string.Concat(Enumerable.Repeat("{a: ", 15_000)),
        "x:\n" + string.Concat(Enumerable.Range(0, 200).Select(depth => new string(' ', depth) + "- \n")),
        string.Concat(Enumerable.Range(0, 1_100).Select(n => $"k{n}: v\n")),
        "a: &a x\nb: [" + string.Concat(Enumerable.Repeat("*a, ", 101)) + "]\n",
    };

    /// <summary>The root counts as a level and as a value.</summary>
    public static TheoryData<string, string> AtTheLimits => new()
    {
        { "name: tidy\nx: " + new string('[', 31) + new string(']', 31), "name: tidy\nx: " + new string('[', 32) + new string(']', 32) },
        { "name: tidy\nx: [" + string.Concat(Enumerable.Repeat("a, ", 995)) + "]", "name: tidy\nx: [" + string.Concat(Enumerable.Repeat("a, ", 996)) + "]" },
        { "name: tidy\na: &a x\nb: [" + string.Concat(Enumerable.Repeat("*a, ", 100)) + "]", "name: tidy\na: &a x\nb: [" + string.Concat(Enumerable.Repeat("*a, ", 101)) + "]" },
    };

    [Theory, MemberData(nameof(AtTheLimits))]
    public void Depth_length_and_aliases_have_limits(string longest, string tooLong)
    {
        Accepts(InFile(longest));
        Refuses(SkillFileProblemKind.Content, InFile(tooLong));
    }

    [Theory, MemberData(nameof(Hostile))]
    public void Deep_and_long_frontmatter_is_refused(string frontmatter) => Refuses(SkillFileProblemKind.Content, InFile(frontmatter));

    [Fact]
    public void Merges_that_double_at_each_level_cost_nothing()
    {
        var levels = new StringBuilder("m0: &m0 {name: tidy}\n");
        for (var level = 1; level < 48; level++)
        {
            levels.Append(System.Globalization.CultureInfo.InvariantCulture, $"m{level}: &m{level} {{<<: [*m{level - 1}, *m{level - 1}]}}\n");
        }

        Assert.Equal("tidy", Accepts(InFile(levels + "<<: *m47")).Name);
    }

    [Fact]
    public void A_body_of_comment_openings_is_read_in_one_pass() =>
        Assert.StartsWith("<!--", Accepts(InFile("name: tidy") + string.Concat(Enumerable.Repeat("<!--", 16_000))).Body[7..], StringComparison.Ordinal);

    [Fact]
    public void The_database_checks_the_same_names() => Assert.All(
        new[] { "tidy", "a-1", "1", "-a", "a-", "a--b", "A", "" },
        name => Assert.Equal(
            System.Text.RegularExpressions.Regex.IsMatch(name, SkillFile.NamePattern),
            SkillFile.Parse(InFile($"name: \"{name}\""), out _) is not null));

    private static string InFile(string frontmatter) => $"---\n{frontmatter}\n---\nDo it.\n";

    private static SkillFile Accepts(string content)
    {
        var file = SkillFile.Parse(content, out var problem);
        Assert.True(file is not null, problem?.ToString());
        Assert.Null(problem);
        return file;
    }

    private static SkillFileProblem Refuses(SkillFileProblemKind kind, string content)
    {
        Assert.Null(SkillFile.Parse(content, out var problem));
        Assert.Equal(kind, problem!.Kind);
        Assert.NotEmpty(problem.Detail);
        return problem;
    }
}
