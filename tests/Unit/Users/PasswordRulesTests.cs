using System.Security.Cryptography;
using Modular.Users.SignIn.Domain;

namespace Modular.Tests.Unit.Users;

public sealed class PasswordRulesTests
{
    private const string TooEasy = "too easy";
    private const string Repeats = "repeats";
    private const string TooLong = "1,024 bytes";
    private const string Common = "common";
    private const string Own = "own username";

    [Theory]
    [InlineData("SomeSecurePassword!")]
    [InlineData("MyTotallySecureP4ss")]
    [InlineData("InsecurePassw0rd!")]
    [InlineData("MySecurePassword!")]
    [InlineData("correct horse battery")]
    [InlineData("Tr0ub4dor&3")]
    [InlineData("8302957461830295")]
    [InlineData("kdmwpqhvztbx")]
    [InlineData("Zr6kTq2wX")]
    [InlineData("山田太郎花子二人")]
    public void What_is_hard_to_guess_is_accepted(string password) => Assert.Null(PasswordRules.Problem(password));

    [Theory]
    [InlineData("")]
    [InlineData("kdmwpqhvztb")]
    [InlineData("Zr6kTq2w")]
    [InlineData("Kd7!mW2$")]
    [InlineData("password123")]
    [InlineData("notstrong")]
    [InlineData("badpass")]
    [InlineData("password")]
    [InlineData("hunter2")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    [InlineData("zyxwvutsrqponmlkjihgfedcba")]
    [InlineData("1234567890123456")]
    [InlineData("qwertyuiopasdfghjklzxcvbnm")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaab")]
    public void What_is_easy_to_guess_is_refused(string password) =>
        Assert.Contains(TooEasy, PasswordRules.Problem(password), StringComparison.Ordinal);

    [Theory]
    [InlineData("SomeSecurePassword!", 110.8)]
    [InlineData("MySecurePassword!", 99.2)]
    [InlineData("correct horse battery", 104.0)]
    [InlineData("Tr0ub4dor&3", 66.7)]
    [InlineData("x9x9x9x9x9x9x9x9", 82.7)]
    [InlineData("8302957461830295", 53.2)]
    [InlineData("kdmwpqhvztbx", 56.4)]
    [InlineData("kdmwpqhvztb", 51.7)]
    [InlineData("Zr6kTq2wX", 53.6)]
    [InlineData("Zr6kTq2w", 47.6)]
    [InlineData("Kd7!mW2$", 48.5)]
    [InlineData("password123", 51.7)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa", 9.4)]
    [InlineData("abcdefghijklmnopqrstuvwxyz", 28.2)]
    [InlineData("1234567890123456", 13.3)]
    [InlineData("ABCDEFGH", 37.6)] // runs are lower case
    [InlineData("\"#%'()+/:;<=>?[\\]^{|}~", 98.1)] // 22 punctuation marks
    [InlineData("8`8", 10.4)] // a backtick is none of them, and counts one
    [InlineData("ää", 0.0)] // one other character, however long
    [InlineData("äö", 4.0)] // four bytes of an alphabet of two
    [InlineData("", 0.0)]
    public void Entropy_is_length_times_the_bits_of_a_character(string password, double bits) =>
        Assert.Equal(bits, PasswordRules.Bits(password), 0.0501);

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("x9x9x9x9x9x9x9x9")]
    [InlineData("Zr6kTq2wZr6kTq2w")]
    [InlineData("😀😀😀😀😀😀😀😀😀😀")]
    public void One_piece_repeated_counts_as_the_piece(string password) =>
        Assert.Contains(Repeats, PasswordRules.Problem(password), StringComparison.Ordinal);

    [Fact]
    public void A_strong_piece_may_be_repeated() => Assert.Null(PasswordRules.Problem("Zr6kTq2wXZr6kTq2wX"));

    [Theory]
    [InlineData("chickenwing101")]
    [InlineData("ChickenWing101")]
    [InlineData("1qaz2wsx3edc4rfv")]
    [InlineData("Passw0rd!")]
    [InlineData("Passw0rd!Passw0rd!")]
    [InlineData("PASSWORD123!")]
    [InlineData("ｃhickenwing101")]
    public void Common_passwords_are_refused_in_any_case_and_width(string password) =>
        Assert.Contains(Common, PasswordRules.Problem(password), StringComparison.Ordinal);

    [Fact]
    public void Common_passwords_are_compared_whole() => Assert.Null(PasswordRules.Problem("chickenwing101 wardrobe"));

    [Fact]
    public void The_list_of_common_passwords_is_long_and_in_lower_case_ASCII()
    {
        Assert.True(CommonPasswords.Count > 49_000);
        Assert.All(
            EmbeddedData.Lines("common-passwords.txt.gz").Concat(EmbeddedData.Lines("further-passwords.txt")),
            line => Assert.True(line.Length > 0 && line.All(c => c is > ' ' and <= '~' && !char.IsAsciiLetterUpper(c)), line));
    }

    [Theory]
    [InlineData("jane.doe-77@example.com", true)]
    [InlineData("JANE.DOE-77@EXAMPLE.COM", true)]
    [InlineData("Administrator-of-9-Servers", true)]
    [InlineData("ＪＡＮＥ.doe-77@example.com", true)]
    [InlineData("jane.doe-77@example.com!", false)]
    [InlineData("administrator of 9 servers", false)]
    public void Ones_own_username_and_address_are_refused_in_any_case(string password, bool refused)
    {
        var problem = PasswordRules.Problem(password, "administrator-of-9-servers", null, "", "Jane.Doe-77@example.com");

        Assert.Equal(refused, problem?.Contains(Own, StringComparison.Ordinal) ?? false);
        Assert.Equal(refused, problem is not null);
    }

    [Fact]
    public void An_address_with_foreign_letters_is_refused_in_any_case() =>
        Assert.Contains(Own, PasswordRules.Problem("ÜNSAL.ÖZ@EXAMPLE.DE", "ünsal.öz@example.de"), StringComparison.Ordinal);

    [Theory]
    [InlineData(65)]
    [InlineData(1024)]
    public void Up_to_1024_bytes_are_accepted(int length) =>
        Assert.Null(PasswordRules.Problem(RandomNumberGenerator.GetHexString(length)));

    [Theory]
    [InlineData(1025)]
    [InlineData(5000)]
    public void More_than_1024_bytes_are_refused(int length) =>
        Assert.Contains(TooLong, PasswordRules.Problem(RandomNumberGenerator.GetHexString(length)), StringComparison.Ordinal);

    [Fact]
    public void Length_is_measured_in_bytes_of_the_normalised_text()
    {
        var hex = RandomNumberGenerator.GetHexString(1024);
        var fullWidth = string.Concat(hex.Select(c => (char)(c - '!' + '！'))); // 3,072 bytes as typed

        Assert.Null(PasswordRules.Problem(fullWidth));
        Assert.Contains(TooLong, PasswordRules.Problem("é" + hex[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public void Spellings_of_one_password_are_one_password() =>
        Assert.Equal(PasswordRules.Normalize("Cafe\u0301 \uFF11"), PasswordRules.Normalize("Caf\u00E9\u00A01"));

    [Fact]
    public void What_no_password_can_be_is_not_normalised_at_all()
    {
        var flood = new string('\uFDFA', 5000);

        Assert.Same(flood, PasswordRules.Normalize(flood));
    }

    /// <summary>A request that waits for its hash holds no more of it.</summary>
    [Fact]
    public void What_is_too_long_is_cut_and_stays_too_long()
    {
        var longest = new string('x', 4 * 1024);
        Assert.Same(longest, PasswordRules.Bounded(longest));
        Assert.Null(PasswordRules.Bounded(null));

        var cut = PasswordRules.Bounded(new string('x', 1_000_000))!;
        Assert.Equal(longest.Length + 1, cut.Length);
        Assert.Contains("longer", PasswordRules.Problem(cut), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_trimmed() => Assert.Equal(" a ", PasswordRules.Normalize(" a "));
}
