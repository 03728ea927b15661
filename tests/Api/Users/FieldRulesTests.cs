using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>
/// Usernames, names, addresses and passwords on the wire: users-and-auth.md 2. What each rule accepts in full is tested with the
/// rule; here, that creation and the first user obey it under the right field.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class FieldRulesTests(ModularApi api)
{
    public static TheoryData<string, object?> Refused => new()
    {
        { "username", null },
        { "username", "" },
        { "username", "-a" },
        { "username", "a-" },
        { "username", "a--b" },
        { "username", "a_b" },
        { "username", "a.b" },
        { "username", "a b" },
        { "username", "a@b" },
        { "username", "ä" },
        { "username", "\u212a" },
        { "username", "abc\n" },
        { "username", new string('a', 33) },
        { "username", "new" },
        { "username", "create" },
        { "username", "me" },
        { "username", "ME" },
        { "username", "0123456789abcdef0123456789ABCDEF" },
        { "username", "first" },
        { "username", "Login" },
        { "username", "logout" },
        { "username", "roles" },
        { "username", "authmethods" },
        { "username", "otp" },
        { "username", "oidc" },
        { "username", "oauth2" },
        { "username", "oidc-claims" },
        { "username", "validate-password" },
        { "username", "import" },
        { "name", " Mr Bean" },
        { "name", "Mr Bean " },
        { "name", "Mr Bean\u00a0" },
        { "name", "\u3000Mr Bean" },
        { "name", "Mr\tBean" },
        { "name", "Mr\nBean" },
        { "name", "Mr\u2028Bean" },
        { "name", "Mr\u0085Bean" },
        { "name", new string('a', 129) },
        { "name", new string('ä', 65) },
        { "email", null },
        { "email", "" },
        { "email", "a" },
        { "email", "a@localhost" },
        { "email", "a@10.0.0.1" },
        { "email", "a@b..c" },
        { "email", "a b@c.de" },
        { "email", " a@c.de" },
        { "email", "a@c.de " },
        { "email", "Name <a@b.de>" },
        { "email", "a@-b.de" },
        { "email", "@b.de" },
        { "email", new string('a', 250) + "@b.de" },
    };

    public static TheoryData<string, string> Accepted => new()
    {
        { "username", "a" },
        { "username", "1" },
        { "username", "A1" },
        { "username", "1-2-3" },
        { "username", "abc-def" },
        { "username", "New" },
        { "username", "CREATE" },
        { "username", new string('z', 32) },
        { "username", "0123456789abcdef0123456789abcdeg" },
        { "name", "" },
        { "name", "Bobby  Whitespace" },
        { "name", "寿限無 寿限無" },
        { "name", "مرحبا" },
        { "name", new string('a', 128) },
        { "name", new string('ä', 64) },
        { "email", "a+b@x.co.uk" },
        { "email", "ü@exämple.de" },
        { "email", "o'brien!#$%&*/=?^_`{|}~@x.de" },
        { "email", "Trailing@dot.de." },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Refuse_at_creation_and_for_the_first_user(string field, object? value)
    {
        var request = api.Request();
        request[field] = value;
        using var created = await api.PostUserAsync(request);
        await created.ShouldRefuseAsync(HttpStatusCode.BadRequest, field);
        using var first = await api.Anonymous.PostAsJsonAsync("/api/v2/users/first", request);
        await first.ShouldRefuseAsync(HttpStatusCode.BadRequest, field);
    }

    [Theory, MemberData(nameof(Accepted))]
    public async Task Accept_and_keep_as_it_was_sent(string field, string value)
    {
        var request = api.Request();
        request[field] = value;
        var user = await api.CreateAsync(request);
        Assert.Equal(value, user.TryGetProperty(field, out var kept) ? kept.GetString() : "");
        using var deletion = await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id()}");
        await deletion.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("kdmwpqhvztb")]
    [InlineData("Zr6kTq2w")]
    [InlineData("Kd7!mW2$")]
    [InlineData("password123")]
    [InlineData("hunter2")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    [InlineData("1234567890123456")]
    [InlineData("x9x9x9x9x9x9x9x9")]
    [InlineData("Passw0rd!Passw0rd!")]
    [InlineData("{username}")]
    [InlineData("{USERNAME}")]
    [InlineData("{email}")]
    [InlineData("{EMAIL}")]
    public async Task Refuse_a_weak_password(string? password)
    {
        var request = api.Request("w" + People.NewName("Quite-Long-"));
        var (name, email) = ((string)request["username"]!, (string)request["email"]!);
        request["password"] = password?
            .Replace("{username}", name, StringComparison.Ordinal)
            .Replace("{USERNAME}", name.ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("{email}", email, StringComparison.Ordinal)
            .Replace("{EMAIL}", email.ToUpperInvariant(), StringComparison.Ordinal);
        using var created = await api.PostUserAsync(request);
        await created.ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
    }

    [Theory]
    [InlineData("SomeSecurePassword!")]
    [InlineData("MySecurePassword!")]
    [InlineData("MyTotallySecureP4ss")]
    [InlineData("InsecurePassw0rd!")]
    [InlineData("correct horse battery")]
    [InlineData("Tr0ub4dor&3")]
    [InlineData("8302957461830295")]
    [InlineData("kdmwpqhvztbx")]
    [InlineData("Zr6kTq2wX")]
    public async Task Accept_a_password_that_is_strong_enough(string password)
    {
        var request = api.Request();
        request["password"] = password;
        var user = await api.CreateAsync(request);
        using var login = await api.Anonymous.LogInAsync(user.Text("email"), password);
        await login.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Accept_a_password_of_1024_bytes_and_no_longer_one()
    {
        var longest = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(768));
        Assert.Equal(1024, longest.Length);
        var request = api.Request();
        request["password"] = longest;
        var user = await api.CreateAsync(request);
        using var login = await api.Anonymous.LogInAsync(user.Text("email"), longest);
        await login.ShouldBeAsync(HttpStatusCode.Created);

        request = api.Request();
        request["password"] = longest + "x";
        using var tooLong = await api.PostUserAsync(request);
        await tooLong.ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
    }
}
