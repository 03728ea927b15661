using System.Net;
using System.Net.Http.Json;
using System.Text;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Npgsql;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>How much the writes of a user's skills may add in a day to what is kept for good: docs/skills.md, Limits.</summary>
[Collection(SecondApi.Name)]
public sealed class WritingBudgetTests(ModularApi api, ServersWithABudget servers) : IClassFixture<ServersWithABudget>
{
    [Fact]
    public async Task What_is_left_can_be_used_up_and_then_nothing_is_written_on_any_server_until_the_next_day()
    {
        var user = await api.RegisterUserAsync();
        HttpClient[] clients = [servers.One.Client(user.Session), servers.Two.Client(user.Session)];
        var content = File("tidy");
        await clients[0].AddSkillAsync(content + new string('x', ((ServersWithABudget.Bytes - 512) / 3) - content.Length - 1));
        Assert.InRange(await SpentAsync(user), ServersWithABudget.Bytes - 2, ServersWithABudget.Bytes);

        var midnight = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(1);
        foreach (var client in clients)
        {
            HttpResponseMessage[] refused =
            [
                await client.PostAsJsonAsync(Mine, new { content = File("next") }),
                await client.PatchAsJsonAsync($"{Mine}/tidy", new { content }),
                await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false }),
                await client.PostAsync($"{Mine}/tidy/versions/1/restore", null),
            ];
            foreach (var answer in refused)
            {
                await answer.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, midnight - TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
            }
        }

        await servers.Two.Client((await api.RegisterUserAsync()).Session).AddSkillAsync(File("of-another"));
        await clients[1].ReadAsync($"{Mine}/tidy");
        await api.ExecuteAsync("update user_skills.owners set written_on = written_on - 1 where user_id = $1", user.Id);
        await clients[1].AddSkillAsync(File("next"));
        Assert.InRange(await SpentAsync(user), 1, 1_000);
    }

    [Fact]
    public async Task Deleting_is_always_possible()
    {
        var user = await api.RegisterUserAsync();
        using var client = servers.One.Client(user.Session);
        await client.AddSkillAsync(File("tidy"));
        await api.ExecuteAsync("update user_skills.owners set written_bytes = $2 where user_id = $1", user.Id, (long)ServersWithABudget.Bytes);

        using var deleted = await client.DeleteAsync($"{Mine}/tidy");
        await deleted.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_server_whose_day_has_not_ended_does_not_begin_the_next_one_anew()
    {
        var user = await api.RegisterUserAsync();
        using var client = servers.One.Client(user.Session);
        await client.AddSkillAsync(File("tidy"));
        await api.ExecuteAsync(
            "update user_skills.owners set written_on = written_on + 1, written_bytes = $2 where user_id = $1", user.Id, (long)ServersWithABudget.Bytes);

        using var refused = await client.PatchAsJsonAsync($"{Mine}/tidy", new { enabled = false });
        await refused.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Writes_at_once_on_two_servers_spend_no_more_than_there_is()
    {
        var user = await api.RegisterUserAsync();
        HttpClient[] clients = [servers.One.Client(user.Session), servers.Two.Client(user.Session)];
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n =>
            clients[n % 2].PostAsJsonAsync(Mine, new { content = File($"s-{n:00}", body: new string('x', 4_000)) })));

        Assert.Equal(ServersWithABudget.Bytes / (512 + (3 * 4_040)), answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.TooManyRequests]));
        Assert.InRange(await SpentAsync(user), 1, ServersWithABudget.Bytes);
    }

    [Fact]
    public async Task No_less_is_counted_than_the_log_and_the_versions_take()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        var (first, second) = (File("tidy", body: new string('ä', 4_000)), File("tidy", "Other", new string('y', 9_000)));
        await client.AddSkillAsync(first);
        await client.ChangeSkillAsync("tidy", new { content = second });
        await client.ChangeSkillAsync("tidy", new { content = second });
        await client.ChangeSkillAsync("tidy", new { enabled = false });
        using var restored = await client.PostAsync($"{Mine}/tidy/versions/1/restore", null);
        await restored.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((5 * 512) + (3 * ((2 * Bytes(first, "D")) + Bytes(second, "Other"))), await SpentAsync(user));

        var versions = await NumberAsync(
            """
            select sum(octet_length(v.content) + octet_length(v.description))
            from user_skills.skill_versions v join user_skills.skills s on s.id = v.skill_id where s.user_id = $1
            """,
            user.Id);
        using var deleted = await client.DeleteAsync($"{Mine}/tidy");
        var log = await NumberAsync(
            """
            select sum(pg_column_size(e.*) - pg_column_size(diff) + octet_length(diff::text))
            from audit.entries e where user_id = $1 and resource_type = 'user_skill'
            """,
            user.Id);
        Assert.InRange(versions + log, 1, await SpentAsync(user));

        static int Bytes(string content, string description) => Encoding.UTF8.GetByteCount(content) + description.Length;
    }

    [Fact]
    public async Task A_name_that_no_skill_can_have_is_not_logged()
    {
        var user = await api.RegisterUserAsync();
        var token = await api.MakeTokenAsync(user, new { scopes = new[] { "user:read" } });
        using var refused = await api.WithKey(token).PatchAsJsonAsync($"{Mine}/{new string('x', 5_000)}", new { enabled = true });
        await refused.ShouldRefuseAsync(HttpStatusCode.Forbidden);
        Assert.Equal(0L, await NumberAsync("select sum(length(resource_target)) from audit.entries where user_id = $1 and status_code = 403", user.Id));
    }

    private Task<long> SpentAsync(ApiUser user) => NumberAsync("select written_bytes from user_skills.owners where user_id = $1", user.Id);

    private async Task<long> NumberAsync(string sql, Guid user)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(sql, database) { Parameters = { new NpgsqlParameter { Value = user } } };
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Two servers of one database on which little may be written a day, for all tests of a class.</summary>
public sealed class ServersWithABudget(ModularApi api) : IAsyncLifetime
{
    internal const int Bytes = 60_000;

    internal ModularApi.OtherServer One { get; private set; } = null!;

    internal ModularApi.OtherServer Two { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await api.TurnAsync("user-skills", on: true);
        One = await StartAsync();
        Two = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
    }

    private Task<ModularApi.OtherServer> StartAsync() =>
        api.StartAnotherAsync(new() { ["Modular:Limits:SkillBytesPerDay"] = $"{Bytes}" }, sameDatabase: true);
}
