using Modular.UserSkills.Domain;

namespace Modular.Tests.Unit.UserSkills;

/// <summary>How skills of two sources are joined, and what a name means among them. Lists are written as names joined by blanks.</summary>
public sealed class SkillResolverTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("a", "", "a")]
    [InlineData("", "a", "a")]
    [InlineData("a", "b", "a b")]
    [InlineData("b", "a", "a b")]
    [InlineData("deploy", "deploy", "personal/deploy workspace/deploy")]
    [InlineData("b deploy", "a deploy c", "a b c personal/deploy workspace/deploy")]
    [InlineData("a a b", "b b", "a personal/b workspace/b")]
    [InlineData("a-b a1 a", "ab", "a a-b a1 ab")] // By bytes: '-' before digits before letters.
    public void Joins_by_name_and_qualifies_every_holder_of_a_shared_one(string personal, string workspace, string aliases) =>
        Assert.Equal(Split(aliases), Merge(personal, workspace).Select(skill => skill.Alias));

    [Fact]
    public void Of_one_source_and_name_the_first_counts_and_the_list_says_the_source()
    {
        var merged = SkillResolver.Merge([("a", "first"), ("a", "second")], [("b", "third"), ("b", "fourth")]);

        Assert.Equal(
            [("a", "first", SkillSource.Personal), ("b", "third", SkillSource.Workspace)],
            merged.Select(skill => (skill.Name, skill.Description, skill.Source)));
    }

    [Theory]
    [InlineData("a", "", "a", "personal/a")]
    [InlineData("a", "", "personal/a", "personal/a")]
    [InlineData("a", "", "workspace/a", "")]
    [InlineData("", "a", "a", "workspace/a")]
    [InlineData("", "a", "workspace/a", "workspace/a")]
    [InlineData("a", "a", "a", "personal/a workspace/a")]
    [InlineData("a", "a", "personal/a", "personal/a")]
    [InlineData("a", "a", "workspace/a", "workspace/a")]
    [InlineData("a", "b", "", "")]
    [InlineData("a", "b", "A", "")]
    [InlineData("a", "b", " a", "")]
    [InlineData("a", "b", "a ", "")]
    [InlineData("a", "b", "/a", "")]
    [InlineData("a", "b", "personal/", "")]
    [InlineData("a", "b", "Personal/a", "")]
    [InlineData("a", "b", "personal/personal/a", "")]
    public void Finds_by_bare_and_by_qualified_name(string personal, string workspace, string asked, string found) =>
        Assert.Equal(Split(found), SkillResolver.Find(Merge(personal, workspace), asked).Select(skill => skill.QualifiedName));

    private static IReadOnlyList<ResolvedSkill> Merge(string personal, string workspace) =>
        SkillResolver.Merge(Split(personal).Select(name => (name, "")), Split(workspace).Select(name => (name, "")));

    private static string[] Split(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
