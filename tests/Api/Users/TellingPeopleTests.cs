using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Users;

/// <summary>Mails about what happens to accounts, and how they are sent: users-and-auth.md 26 and additions.md 10.</summary>
[Collection(SecondApi.Name)]
public sealed class TellingPeopleTests(ModularApi api, MailingServer mailing) : IClassFixture<MailingServer>
{
    [Fact]
    public async Task Administrators_are_told_of_a_new_user_and_nobody_else_is()
    {
        var admin = await AdminAsync("user-admin");
        var owner = await AdminAsync("owner");
        var auditor = await AdminAsync("auditor");
        var suspended = await AdminAsync("user-admin");
        await api.SetStatusAsync(suspended.User.Id, "suspended");
        var request = api.Request();
        request["roles"] = new[] { "owner" };
        using var created = await mailing.Owner.PostAsJsonAsync("/api/v2/users", request);
        var user = await created.ShouldBeAsync(HttpStatusCode.Created);

        foreach (var told in new[] { admin.Address, owner.Address, "owner@example.com" })
        {
            var mail = Assert.Single(await mailing.MailsToAsync(told), mail => mail.Subject!.Contains(user.Text("username"), StringComparison.Ordinal));
            Assert.Equal($"The user {user.Text("username")} has been created", mail.Subject);
            Assert.Contains("by owner", mail.TextBody, StringComparison.Ordinal);
            Assert.Contains(user.Text("username"), mail.HtmlBody, StringComparison.Ordinal);
        }

        Assert.Empty(await mailing.MailsToAsync(user.Text("email")));
        Assert.Empty(await mailing.MailsToAsync(auditor.Address));
        Assert.Empty(await mailing.MailsToAsync(suspended.Address));
        Assert.Contains(mailing.Log.Of("events"), line => line.StartsWith($"user-created: user {user.Id()}, by {api.Owner.Id}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("suspend", "suspended")]
    [InlineData("activate", "activated")]
    public async Task Administrators_and_the_person_are_told_of_a_changed_status(string verb, string done)
    {
        var admin = await AdminAsync("user-admin");
        var person = await AdminAsync();
        for (var i = 1; i <= 2; i++)
        {
            // What is so already is told again.
            await (await mailing.Owner.PutAsync($"/api/v2/users/{person.User.Id}/status/{verb}", null)).ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(i, (await mailing.MailsToAsync(person.Address)).Count(mail => mail.Subject == $"Your account has been {done}"));
            Assert.Equal(i, (await mailing.MailsToAsync(admin.Address)).Count(mail => mail.Subject == $"The user {person.User.Username} has been {done}"));
        }

        Assert.Equal(2, mailing.Sink.To(person.Address).Count);
        Assert.Equal(2, mailing.Log.Of("events").Count(line => line.Contains(person.User.Id.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_person_concerned_is_not_told_as_an_administrator()
    {
        var person = await AdminAsync("user-admin");
        await (await mailing.Owner.PutAsync($"/api/v2/users/{person.User.Id}/status/activate", null)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("Your account has been activated", Assert.Single(await mailing.MailsToAsync(person.Address)).Subject);
    }

    [Fact]
    public async Task Administrators_are_told_of_a_deletion()
    {
        var admin = await AdminAsync("user-admin");
        var person = await AdminAsync("user-admin");
        await (await mailing.Owner.DeleteAsync($"/api/v2/users/{person.User.Id}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal($"The user {person.User.Username} has been deleted", Assert.Single(await mailing.MailsToAsync(admin.Address)).Subject);
        Assert.Empty(await mailing.MailsToAsync(person.Address));
    }

    [Fact]
    public async Task The_person_is_told_of_a_changed_password()
    {
        var admin = await AdminAsync("user-admin");
        var person = await AdminAsync();
        await (await mailing.Owner.PutAsJsonAsync($"/api/v2/users/{person.User.Id}/password", new { password = "MyTotallySecureP4ss" }))
            .ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("Your password has been changed", Assert.Single(await mailing.MailsToAsync(person.Address)).Subject);
        Assert.Empty(await mailing.MailsToAsync(admin.Address));
        Assert.Contains(mailing.Log.Of("events"), line => line.StartsWith($"password-changed: user {person.User.Id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waking_up_is_no_news()
    {
        var admin = await AdminAsync("user-admin");
        var person = await api.CreateAsync();
        await (await mailing.Client().LogInAsync(person.Text("email"))).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Empty(await mailing.MailsToAsync(person.Text("email")));
        Assert.Empty(await mailing.MailsToAsync(admin.Address));
    }

    [Fact]
    public async Task A_change_that_is_refused_is_told_to_nobody()
    {
        var admin = await AdminAsync("user-admin");
        var person = await AdminAsync("owner");
        await (await mailing.Owner.PutAsync($"/api/v2/users/{person.User.Id}/status/suspend", null)).ShouldRefuseAsync(HttpStatusCode.BadRequest);
        Assert.Empty(await mailing.MailsToAsync(admin.Address));
        Assert.DoesNotContain(mailing.Log.Of("events"), line => line.Contains(person.User.Id.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mailbox_that_refuses_or_dawdles_holds_up_no_other()
    {
        var refusing = await AdminAsync();
        var silent = await AdminAsync();
        var willing = await AdminAsync();
        mailing.Sink.Refuse(refusing.Address);
        mailing.Sink.NeverAnswer(silent.Address);
        foreach (var (user, _) in new[] { refusing, silent, willing })
        {
            await (await mailing.Owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = "MyTotallySecureP4ss" }))
                .ShouldBeAsync(HttpStatusCode.NoContent);
        }

        await People.EventuallyAsync(() => Task.FromResult(mailing.Sink.To(willing.Address).Count == 1));
        await People.EventuallyAsync(async () => await mailing.CountAsync(
            "select count(*) from users.mails where recipient_id = $1 and attempts = 1 and due_at - now() between '5 s' and '10 s'", refusing.User.Id) == 1);
        Assert.Contains(mailing.Log.All, line => line.Contains($"to user {refusing.User.Id} was not sent, try 1: the mail server answered 550", StringComparison.Ordinal));
        Assert.DoesNotContain(mailing.Log.All, line => line.Contains(refusing.Address, StringComparison.Ordinal));

        // The next try is due.
        mailing.Sink.Accept(refusing.Address);
        await api.ExecuteAsync("update users.mails set due_at = now() where recipient_id = $1", refusing.User.Id);
        await People.EventuallyAsync(() => Task.FromResult(mailing.Sink.To(refusing.Address).Count == 1));
        await api.ExecuteAsync("delete from users.mails where recipient_id = $1", silent.User.Id);
    }

    [Fact]
    public async Task After_a_day_a_mail_is_given_up()
    {
        var (person, address) = await AdminAsync();
        mailing.Sink.Refuse(address);
        await (await mailing.Owner.PutAsJsonAsync($"/api/v2/users/{person.Id}/password", new { password = "MyTotallySecureP4ss" }))
            .ShouldBeAsync(HttpStatusCode.NoContent);
        await mailing.HasBeenRefusedAsync(person.Id);
        Assert.Equal(1, await mailing.CountAsync(
            "select count(*) from users.mails where recipient_id = $1 and expires_at - created_at = '24 h'", person.Id));
        await api.ExecuteAsync("update users.mails set due_at = now(), expires_at = now() where recipient_id = $1", person.Id);

        mailing.Sink.Accept(address);
        Assert.Empty(await mailing.MailsToAsync(address));
        await People.EventuallyAsync(() => Task.FromResult(
            mailing.Log.All.Any(line => line.Contains($"to user {person.Id} is given up after 1 tries", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task What_another_server_wrote_before_it_died_is_sent_once_by_those_that_are_left()
    {
        await using var second = await api.StartAnotherAsync(
            new() { ["Modular:Email:Smarthost"] = mailing.Sink.Address, ["Modular:Email:From"] = "modular@example.com" }, sameDatabase: true);
        var people = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => api.CreateAsync()));
        await api.ExecuteAsync(
            """
            insert into users.mails (id, kind, recipient_id, address, content, created_at, due_at, attempts, expires_at)
            select gen_random_uuid(), 'password-changed', id, email, '{"username":"x","time":"y"}', now(), now(), 0, now() + interval '24 h'
            from users.users where id = any ($1)
            """,
            people.Select(person => person.Id()).ToArray());
        foreach (var person in people)
        {
            Assert.Single(await mailing.MailsToAsync(person.Text("email")));
        }
    }

    [Fact]
    public async Task The_mail_server_is_told_our_name_and_the_login()
    {
        var (person, address) = await AdminAsync();
        await (await mailing.Owner.PutAsync($"/api/v2/users/{person.Id}/status/activate", null)).ShouldBeAsync(HttpStatusCode.OK);
        await mailing.MailsToAsync(address);
        Assert.Contains("EHLO users.example.com", mailing.Sink.Greetings);
        Assert.Contains("\0postman\0rings twice", mailing.Sink.Greetings);
    }

    [Fact]
    public async Task Where_encryption_is_demanded_and_not_offered_nothing_is_sent()
    {
        await using var sink = new SmtpSink();
        await using var strict = await api.StartAnotherAsync(
            new()
            {
                ["Modular:Email:Smarthost"] = sink.Address,
                ["Modular:Email:From"] = "modular@example.com",
                ["Modular:Email:Tls:StartTls"] = "true",
            });
        await ModularApi.SetUpAsync(strict.Client());
        using var asked = await strict.Client().PostAsJsonAsync("/api/v2/users/otp/request", new { email = "owner@example.com" });
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        await People.EventuallyAsync(() => Task.FromResult(!sink.Greetings.IsEmpty));
        Assert.Empty(sink.To("owner@example.com"));
    }

    /// <summary>Made by the server that sends no mails, so that nobody is told of them.</summary>
    private async Task<(ApiUser User, string Address)> AdminAsync(params string[] roles)
    {
        var user = await api.RegisterUserAsync(roles);
        return (user, $"{user.Username}@example.com");
    }
}
