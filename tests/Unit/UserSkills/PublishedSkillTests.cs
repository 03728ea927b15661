using System.Text;
using Modular.UserSkills.Domain;

namespace Modular.Tests.Unit.UserSkills;

/// <summary>Which personal skills keep to the open format, and how their frontmatter reads as JSON.</summary>
public sealed class PublishedSkillTests
{
    public static TheoryData<string, string, bool> Files => new()
    {
        { "tidy", "name: tidy\ndescription: D", true },
        { "tidy", "name: tidy", false },
        { "tidy", "name: tidy\ndescription: \"\"", false },
        { "tidy", $"name: tidy\ndescription: {new string('é', 1_024)}", true },
        { "tidy", $"name: tidy\ndescription: {string.Concat(Enumerable.Repeat("😀", 1_024))}", true },
        { "tidy", $"name: tidy\ndescription: {new string('d', 1_025)}", false },
        { new string('a', 64), $"name: {new string('a', 64)}\ndescription: D", true },
        { new string('a', 65), $"name: {new string('a', 65)}\ndescription: D", false },
        { "tidy", "name: |\n  tidy\ndescription: D", false }, // With a line break at its end, it is not what the address says.
        { "tidy", "name: tidy\ndescription: D\ncompatibility: any", true },
        { "tidy", $"name: tidy\ndescription: D\ncompatibility: {new string('c', 501)}", false },
        { "tidy", "name: tidy\ndescription: D\ncompatibility: [a]", false },
        { "tidy", "name: tidy\ndescription: D\nmetadata: {a: b, c: \"1\"}", true },
        { "tidy", "name: tidy\ndescription: D\nmetadata: {}", true },
        { "tidy", "name: tidy\ndescription: D\nmetadata: {a: 1}", false },
        { "tidy", "name: tidy\ndescription: D\nmetadata: text", false },
        { "tidy", "b: &b {x: 1}\nname: tidy\ndescription: D\n<<: *b", false },
    };

    public static TheoryData<string, string> Values => new()
    {
        { "text", "\"text\"" }, { "'1'", "\"1\"" }, { "1", "1" }, { "-1", "-1" }, { "+1", "1" }, { "0755", "755" }, { "0x1F", "31" }, { "0o17", "15" },
        { "0x1_F", "\"0x1_F\"" }, { "0b11", "\"0b11\"" }, { "1_000", "\"1_000\"" }, { "1.0", "1" }, { ".5", "0.5" }, { "1e3", "1000" }, { ".nan", "\".nan\"" },
        { "-.inf", "\"-.inf\"" }, { "18446744073709551615", "1.8446744073709552E+19" }, { "true", "true" }, { "False", "false" }, { "yes", "\"yes\"" }, { "~", "null" },
        { "", "null" }, { "2026-05-14", "\"2026-05-14\"" }, { "[a, 1, [true]]", "[\"a\",1,[true]]" }, { "{1: a, b: {}}", "{\"1\":\"a\",\"b\":{}}" }, { "!!str 1", "\"1\"" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Publishes_what_keeps_to_the_format(string name, string frontmatter, bool publishes) =>
        Assert.Equal(publishes, PublishedSkill.Of(name, $"---\n{frontmatter}\n---\nB\n") is not null);

    [Theory]
    [MemberData(nameof(Values))]
    public void Reads_values_as_the_core_schema_does(string yaml, string json) =>
        Assert.Equal($"{{\"x\":{json}}}", Frontmatter.ReadAsJson($"x: {yaml}")?.ToJsonString());

    [Fact]
    public void Writes_aliases_out_but_not_without_end()
    {
        Assert.Equal("""{"a":["x"],"b":["x"]}""", Frontmatter.ReadAsJson("a: &a [x]\nb: *a")?.ToJsonString());
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var level = 1; level < 9; level++)
        {
            bomb.Append($"a{level}: &a{level} [{string.Join(',', Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        }

        Assert.Null(Frontmatter.ReadAsJson(bomb.ToString()));
    }

    [Fact]
    public void Measures_the_bytes_of_the_file()
    {
        var content = "\uFEFF---\r\nname: tidy\r\ndescription: é\r\n---\r\nB\r\n";

        var published = PublishedSkill.Of("tidy", content)!;

        Assert.Equal(Encoding.UTF8.GetByteCount(content), published.Size);
        Assert.Equal($"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)))}", published.Digest);
    }
}
