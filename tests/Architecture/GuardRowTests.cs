using System.Text.RegularExpressions;

namespace Modular.Tests.Architecture;

/// <summary>
/// How a guard row is locked and marked is written once, in the shared kernel: copies of it have differed, and each difference was a race.
/// The rule has a twin that shows it failing.
/// </summary>
public sealed partial class GuardRowTests
{
    private const string Home = "shared-kernel/Persistence/Owner.cs";

    [Fact]
    public void Guard_rows_are_locked_and_marked_by_the_shared_kernel_alone() =>
        Assert.Equal([Home], Statements(SourceFile.All).Select(file => file.Path));

    [Theory]
    [InlineData("""$"select * from my_notes.owners where user_id = {id} for share" """)]
    [InlineData("""$"insert into notes.owners (user_id, deleted) values ({id}, false) on conflict (user_id) do nothing" """)]
    [InlineData("""$"update notes.owners set deleted = true where user_id = {id}" """)]
    [InlineData("set.SetProperty(owner => owner.Deleted, true)")]
    [InlineData("internal sealed class NoteOwner { public Guid UserId { get; init; } public bool Deleted { get; init; } }")]
    public void Twin_a_copy_is_found(string copy) => Assert.Single(Statements([new SourceFile("tests/Plugins/Notes/Persistence/Copy.cs", copy)]));

    private static IEnumerable<SourceFile> Statements(IEnumerable<SourceFile> files) =>
        files.Where(file => !file.Path.Contains("/Migrations/", StringComparison.Ordinal) && Statement.IsMatch(file.Text));

    /// <summary>A lock of the row for a write, a row of nothing but its two columns, its mark, or an entity beside the kernel's.</summary>
    [GeneratedRegex(
        """
        owners\b[^";]*\bfor\ (share|no\ key\ update)
        |\(user_id,\ deleted\)
        |owners\b[^;]*\bset\ deleted\b
        |SetProperty\(owner\ =>\ owner\.Deleted\b
        |Guid\ UserId\ \{[^}]*\}\s*public\ bool\ Deleted\b
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Statement { get; }
}
