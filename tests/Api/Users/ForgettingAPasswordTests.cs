using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>A new password by a passcode from a mail: users-and-auth.md 18.</summary>
[Collection(SecondApi.Name)]
public sealed class ForgettingAPasswordTests(ModularApi api, MailingServer mailing) : IClassFixture<MailingServer>
{
    private const string NewPassword = "MyTotallySecureP4ss";
    private const string AnotherPassword = "correct horse battery";

    [Fact]
    public async Task Asked_for_and_used_a_passcode_opens_the_account_with_a_new_password()
    {
        var (user, address) = await SomebodyAsync();
        var token = await api.MakeTokenAsync(user);
        var passcode = await mailing.PasscodeAsync(address);
        using var reset = await mailing.ResetAsync(address, passcode, NewPassword);

        Assert.Empty(await reset.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.False(reset.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(c => c.StartsWith("coder_session", StringComparison.Ordinal)));
        await (await api.Anonymous.LogInAsync(address)).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        await (await api.Anonymous.LogInAsync(address, NewPassword)).ShouldBeAsync(HttpStatusCode.Created);
        await (await api.As(user).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.Unauthorized);
        await (await api.WithKey(token).GetAsync("/api/v2/users/me")).ShouldBeAsync(HttpStatusCode.Unauthorized);
        await WrongAsync(await mailing.ResetAsync(address, passcode, AnotherPassword));
    }

    [Fact]
    public async Task The_mail_is_text_and_html_with_the_passcode_and_where_to_use_it()
    {
        var (user, address) = await SomebodyAsync();
        var passcode = (await mailing.PasscodeAsync(address.ToUpperInvariant()))!;

        var mail = Assert.Single(mailing.Sink.To(address));
        Assert.Equal(4, Guid.Parse(passcode).Version);
        Assert.Equal(("modular@example.com", "auto-generated"), (mail.From.Mailboxes.Single().Address, mail.Headers["Auto-Submitted"]));
        foreach (var body in new[] { mail.TextBody!, mail.HtmlBody! })
        {
            Assert.Contains(passcode, body, StringComparison.Ordinal);
            Assert.Contains(user.Username, body, StringComparison.Ordinal);
            Assert.Contains(
                $"{mailing.Address.ToString().TrimEnd('/')}/reset-password/change?email={Uri.EscapeDataString(address)}", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_stored_shows_neither_passcode_nor_mail()
    {
        var (user, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1", user.Id));
        Assert.Equal(1, await mailing.CountAsync(
            "select count(*) from users.passcodes where user_id = $1 and hash like '$argon2id$%' and hash not like $2", user.Id, $"%{passcode}%"));
        Assert.DoesNotContain(mailing.Log.All, line => line.Contains(passcode!, StringComparison.Ordinal));
        Assert.DoesNotContain(mailing.Log.All, line => line.Contains(address, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("{}", "email")]
    [InlineData("""{"email":""}""", "email")]
    [InlineData("""{"email":null}""", "email")]
    [InlineData("""{"email":"nobody"}""", "email")]
    [InlineData("""{"email":5}""")]
    [InlineData("[]")]
    public async Task Asking_with_a_bad_address_is_400(string body, params string[] fields)
    {
        using var asked = await mailing.Client().PostAsync("/api/v2/users/otp/request", new StringContent(body));
        await asked.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Theory]
    [InlineData("{}", "email", "one_time_passcode", "password")]
    [InlineData("""{"email":"x","password":"MyTotallySecureP4ss","one_time_passcode":"x"}""", "email")]
    [InlineData("""{"email":"a@example.com","password":"MyTotallySecureP4ss","one_time_passcode":""}""", "one_time_passcode")]
    [InlineData("""{"email":"a@example.com","password":"MyTotallySecureP4ss","one_time_passcode":null}""", "one_time_passcode")]
    [InlineData("""{"email":"a@example.com","password":"notstrong","one_time_passcode":"x"}""", "password")]
    [InlineData("""{"email":"long-enough-address@example.com","password":"LONG-enough-address@example.com","one_time_passcode":"x"}""", "password")]
    [InlineData("""{"email":"a@example.com","password":7,"one_time_passcode":"x"}""")]
    public async Task Using_broken_fields_is_400(string body, params string[] fields)
    {
        using var reset = await mailing.Client().PostAsync("/api/v2/users/otp/change-password", new StringContent(body));
        await reset.ShouldRefuseAsync(HttpStatusCode.BadRequest, fields);
    }

    [Fact]
    public async Task Without_password_login_both_are_403_whatever_is_sent()
    {
        await using var other = await api.StartAnotherAsync(new() { ["Modular:PasswordAuth:Disabled"] = "true" }, sameDatabase: true);
        foreach (var path in new[] { "/api/v2/users/otp/request", "/api/v2/users/otp/change-password" })
        {
            foreach (var body in new[] { "", "{", """{"email":"owner@example.com","password":"MyTotallySecureP4ss","one_time_passcode":"x"}""" })
            {
                using var answer = await other.Client().PostAsync(path, new StringContent(body));
                await answer.ShouldRefuseAsync(HttpStatusCode.Forbidden);
            }
        }
    }

    [Fact]
    public async Task Without_a_mail_server_the_answer_is_the_same_and_nothing_is_stored()
    {
        var (user, address) = await SomebodyAsync();
        using var asked = await api.Anonymous.PostAsJsonAsync("/api/v2/users/otp/request", new { email = address });
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1", user.Id));
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.passcodes where user_id = $1", user.Id));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("suspended")]
    [InlineData("deleted")]
    [InlineData("oidc")]
    [InlineData("github")]
    public async Task Who_cannot_use_one_gets_none_and_the_same_answer(string kind)
    {
        var (user, address) = await SomebodyAsync();
        switch (kind)
        {
            case "unknown":
                address = $"{People.NewName()}@example.com";
                break;
            case "suspended":
                await api.SetStatusAsync(user.Id, kind);
                break;
            case "deleted":
                await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
                break;
            default:
                await api.ExecuteAsync("update users.users set login_type = $2 where id = $1", user.Id, kind);
                break;
        }

        using var asked = await mailing.RequestAsync(address);
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Empty(await mailing.MailsToAsync(address));
        Assert.Empty(await RecordedAsync(asked));
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.passcodes where user_id = $1", user.Id));
        using var reset = await mailing.ResetAsync(address, Guid.Empty.ToString(), NewPassword);
        await WrongAsync(reset);
        Assert.Empty(await RecordedAsync(reset));
    }

    [Fact]
    public async Task A_failure_within_is_answered_as_always()
    {
        var (user, address) = await SomebodyAsync();
        await api.ExecuteAsync(
            """
            create function users.break_passcodes() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
            create trigger broken before insert or update on users.passcodes for each row execute function users.break_passcodes();
            """);
        try
        {
            using var asked = await mailing.RequestAsync(address);
            Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
            Assert.Equal(0, await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1", user.Id));
        }
        finally
        {
            await api.ExecuteAsync("drop trigger broken on users.passcodes; drop function users.break_passcodes();");
        }
    }

    [Fact]
    public async Task A_dormant_user_may_use_one_and_stays_dormant_until_seen()
    {
        var created = await api.CreateAsync();
        var address = created.Text("email");
        using var reset = await mailing.ResetAsync(address, await mailing.PasscodeAsync(address), NewPassword);
        await reset.ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("dormant", (await api.As(api.Owner).ReadAsync($"/api/v2/users/{created.Id()}")).Text("status"));
    }

    [Fact]
    public async Task What_is_not_the_passcode_changes_nothing()
    {
        var (_, address) = await SomebodyAsync();
        var (_, otherAddress) = await SomebodyAsync();
        await WrongAsync(await mailing.ResetAsync(address, Guid.Empty.ToString(), NewPassword));

        var passcode = await mailing.PasscodeAsync(address);
        var ofAnother = await mailing.PasscodeAsync(otherAddress);
        foreach (var wrong in new[] { Guid.Empty.ToString(), ofAnother, "no UUID" })
        {
            await WrongAsync(await mailing.ResetAsync(address, wrong, NewPassword));
        }

        await (await api.Anonymous.LogInAsync(address)).ShouldBeAsync(HttpStatusCode.Created);
        await (await api.Anonymous.LogInAsync(otherAddress)).ShouldBeAsync(HttpStatusCode.Created);
        await (await mailing.ResetAsync(address, passcode, NewPassword)).ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task After_twenty_minutes_it_is_void()
    {
        var (user, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        Assert.Equal(1, await mailing.CountAsync(
            "select count(*) from users.passcodes where user_id = $1 and expires_at between now() + interval '19 min' and now() + interval '20 min'", user.Id));
        await api.ExecuteAsync("update users.passcodes set expires_at = now() where user_id = $1", user.Id);
        await WrongAsync(await mailing.ResetAsync(address, passcode, NewPassword));
        await (await api.Anonymous.LogInAsync(address)).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_refused_new_password_leaves_it_good_however_often()
    {
        var (user, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        for (var i = 0; i < 3; i++)
        {
            await (await mailing.ResetAsync(address, passcode, "notstrong")).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
            await (await mailing.ResetAsync(address, passcode, ModularApi.Password)).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
            await (await mailing.ResetAsync(address, passcode, user.Username.ToUpperInvariant())).ShouldRefuseAsync(HttpStatusCode.BadRequest, "password");
        }

        await (await mailing.ResetAsync(address, passcode, NewPassword)).ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task The_own_username_is_refused_to_who_has_the_passcode_and_told_to_nobody_else()
    {
        var (user, address) = await SomebodyAsync();
        await WrongAsync(await mailing.ResetAsync(address, Guid.Empty.ToString(), user.Username));
    }

    [Fact]
    public async Task Wrong_tries_of_strangers_do_not_void_it()
    {
        var (_, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        var wrong = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => mailing.ResetAsync(address, i % 2 == 0 ? "guess" : Guid.Empty.ToString(), NewPassword)));
        foreach (var answer in wrong)
        {
            await WrongAsync(answer);
        }

        await (await mailing.ResetAsync(address, passcode, NewPassword)).ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_mail_that_waits_shows_it_to_no_reader_of_the_database()
    {
        var (user, address) = await SomebodyAsync();
        mailing.Sink.Refuse(address);
        Assert.Equal(HttpStatusCode.NoContent, (await mailing.RequestAsync(address)).StatusCode);
        await mailing.HasBeenRefusedAsync(user.Id);
        Assert.Equal(1, await mailing.CountAsync(
            "select count(*) from users.mails where lower(address) = lower($1) and kind = 'passcode' and content ? 'sealed_passcode'", address));
        Assert.Equal(0, await mailing.CountAsync(
            "select count(*) from users.mails where lower(address) = lower($1) and content::text ~ '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-'", address));
        mailing.Sink.Accept(address);
        await api.ExecuteAsync("update users.mails set due_at = now() where lower(address) = lower($1)", address);
        Assert.Contains((await mailing.MailsToAsync(address)).Single().TextBody!.Split('\n'), line => Guid.TryParse(line.Trim(), out _));
    }

    [Fact]
    public async Task Of_several_uses_at_once_one_succeeds()
    {
        var (_, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => mailing.ResetAsync(address, passcode, $"{NewPassword}{i}")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_new_one_replaces_the_former_and_forgets_its_tries()
    {
        var (_, address) = await SomebodyAsync();
        var former = await mailing.PasscodeAsync(address);
        for (var i = 0; i < 5; i++)
        {
            await WrongAsync(await mailing.ResetAsync(address, "guess", NewPassword));
        }

        var passcode = await mailing.PasscodeAsync(address);
        await WrongAsync(await mailing.ResetAsync(address, former, NewPassword));
        await (await mailing.ResetAsync(address, passcode, NewPassword)).ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task There_are_three_in_any_hour_and_the_last_one_stays_good()
    {
        var (user, address) = await SomebodyAsync();
        await mailing.PasscodeAsync(address);
        await mailing.PasscodeAsync(address);
        var third = await mailing.PasscodeAsync(address);
        Assert.NotNull(third);
        Assert.Null(await mailing.PasscodeAsync(address));
        Assert.Null(await mailing.PasscodeAsync(address));
        await (await mailing.ResetAsync(address, third, NewPassword)).ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Null(await mailing.PasscodeAsync(address));

        await api.ExecuteAsync("update users.passcodes set made_at[1] = now() - interval '61 min' where user_id = $1", user.Id);
        Assert.NotNull(await mailing.PasscodeAsync(address));
        Assert.Null(await mailing.PasscodeAsync(address));
    }

    [Theory]
    [InlineData("suspension")]
    [InlineData("password")]
    public async Task Whatever_changes_the_door_voids_it_and_takes_back_its_mail(string change)
    {
        var (user, address) = await SomebodyAsync();
        var passcode = await mailing.PasscodeAsync(address);
        mailing.Sink.Refuse(address);
        using var asked = await mailing.RequestAsync(address);
        await People.EventuallyAsync(async () =>
            await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1 and attempts = 1", user.Id) == 1);

        if (change == "suspension")
        {
            await (await api.As(api.Owner).PutAsync($"/api/v2/users/{user.Id}/status/suspend", null)).ShouldBeAsync(HttpStatusCode.OK);
            await (await api.As(api.Owner).PutAsync($"/api/v2/users/{user.Id}/status/activate", null)).ShouldBeAsync(HttpStatusCode.OK);
        }
        else
        {
            await (await api.As(api.Owner).PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = AnotherPassword }))
                .ShouldBeAsync(HttpStatusCode.NoContent);
        }

        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1", user.Id));
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.passcodes where user_id = $1 and hash is not null", user.Id));
        mailing.Sink.Accept(address);
        await WrongAsync(await mailing.ResetAsync(address, passcode, NewPassword));
    }

    [Fact]
    public async Task A_deletion_takes_back_everything()
    {
        var (user, address) = await SomebodyAsync();
        mailing.Sink.Refuse(address);
        using var asked = await mailing.RequestAsync(address);
        await (await api.As(api.Owner).DeleteAsync($"/api/v2/users/{user.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.mails where recipient_id = $1", user.Id));
        Assert.Equal(0, await mailing.CountAsync("select count(*) from users.passcodes where user_id = $1", user.Id));
    }

    [Fact]
    public async Task Asking_using_and_failing_are_recorded_as_the_persons_own()
    {
        var (user, address) = await SomebodyAsync();
        using var asked = await mailing.RequestAsync(address);
        var entry = Assert.Single(await RecordedAsync(asked));
        Assert.Equal(("request_password_reset", "user", user.Username), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal((user.Id, user.Id, 204), (entry.GetProperty("user").Id(), entry.GetProperty("resource_id").GetGuid(), entry.GetProperty("status_code").GetInt32()));

        using var failed = await mailing.ResetAsync(address, "guess", NewPassword);
        entry = Assert.Single(await RecordedAsync(failed));
        Assert.Equal(("write", "user", user.Username), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal((user.Id, 400), (entry.GetProperty("user").Id(), entry.GetProperty("status_code").GetInt32()));
        Assert.Empty(entry.GetProperty("diff").EnumerateObject());

        using var reset = await mailing.ResetAsync(address, await mailing.PasscodeAsync(address), NewPassword);
        entry = Assert.Single(await RecordedAsync(reset));
        Assert.Equal(("write", "user", user.Username), (entry.Text("action"), entry.Text("resource_type"), entry.Text("resource_target")));
        Assert.Equal((user.Id, 204), (entry.GetProperty("user").Id(), entry.GetProperty("status_code").GetInt32()));
        Assert.Equal("""{"secret":true}""", entry.GetProperty("diff").GetProperty("hashed_password").GetRawText());
        Assert.Contains(mailing.Log.Of("events"), line => line.StartsWith($"passcode-requested: user {user.Id}", StringComparison.Ordinal));
    }

    private async Task<(ApiUser User, string Address)> SomebodyAsync()
    {
        var user = await api.RegisterUserAsync();
        return (user, $"{user.Username}@example.com");
    }

    private static async Task WrongAsync(HttpResponseMessage answer) =>
        Assert.Equal(
            "This passcode cannot be used.",
            (await answer.ShouldBeAsync(HttpStatusCode.BadRequest)) is var body && body.TryGetProperty("validations", out _) ? "" : body.Text("message"));

    private Task<JsonElement[]> RecordedAsync(HttpResponseMessage answer) =>
        api.AuditAsync($"request_id:{Assert.Single(answer.Headers.GetValues("X-Request-Id"))}");
}
