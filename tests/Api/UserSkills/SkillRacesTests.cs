using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>One user's writes at once; deletions of the user are in Races.</summary>
[Collection(SecondApi.Name)]
public sealed class SkillRacesTests(ModularApi api) : IAsyncLifetime
{
    private const int Limit = 100;

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Of_120_creates_at_once_on_two_servers_100_are_made()
    {
        var user = await api.RegisterUserAsync();
        await using var other = await api.StartAnotherAsync(sameDatabase: true);
        HttpClient[] clients = [api.As(user), other.Client(user.Session)];

        var answers = await Task.WhenAll(Enumerable.Range(0, Limit + 20).Select(n =>
            clients[n % 2].PostAsJsonAsync(Mine, new { content = File($"s-{n}") })));

        Assert.Equal(Limit, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(20, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(Limit, (await clients[0].ReadAsync(Mine)).GetArrayLength());
        await clients[0].DeleteAsync($"{Mine}/{(await clients[0].ReadAsync(Mine))[0].Text("name")}");
        await clients[1].AddSkillAsync(File("one-more"));
    }

    [Fact]
    public async Task Of_many_creates_of_one_name_one_is_made()
    {
        using var client = api.As(await api.RegisterUserAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => client.PostAsJsonAsync(Mine, new { content = File("tidy", $"try {n}") })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(15, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Single((await client.ReadAsync($"{Mine}/tidy/versions")).EnumerateArray());
    }

    [Fact]
    public async Task Changes_and_a_deletion_of_one_skill_leave_all_or_nothing()
    {
        using var client = api.As(await api.RegisterUserAsync());
        for (var round = 0; round < 30; round++)
        {
            await client.AddSkillAsync(File("tidy"));
            var answers = await Task.WhenAll(
                client.PatchAsJsonAsync($"{Mine}/tidy", new { content = File("tidy", "changed") }),
                client.DeleteAsync($"{Mine}/tidy"),
                client.PostAsync($"{Mine}/tidy/versions/1/restore", null));

            Assert.Equal(HttpStatusCode.NoContent, answers[1].StatusCode);
            Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound]));
            await (await client.GetAsync($"{Mine}/tidy")).ShouldRefuseAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Changes_while_their_user_is_deleted_leave_nothing_behind()
    {
        using var owner = api.As(api.Owner);
        for (var round = 0; round < 20; round++)
        {
            var user = await api.RegisterUserAsync();
            using var client = api.As(user);
            await client.AddSkillAsync(File("tidy"));
            var answers = await Task.WhenAll(
                client.PatchAsJsonAsync($"{Mine}/tidy", new { content = File("tidy", "changed") }),
                client.PostAsync($"{Mine}/tidy/versions/1/restore", null),
                client.PostAsJsonAsync(Mine, new { content = File("late") }),
                owner.DeleteAsync($"/api/v2/users/{user.Id}"));

            Assert.Equal(HttpStatusCode.OK, answers[3].StatusCode);
            Assert.All(answers, answer => Assert.True((int)answer.StatusCode < 500));
            Assert.Equal(0L, await CountAsync(user.Id));
        }
    }

    private async Task<object?> CountAsync(Guid user)
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new Npgsql.NpgsqlCommand("select count(*) from user_skills.skills where user_id = $1", database);
        command.Parameters.AddWithValue(user);
        return await command.ExecuteScalarAsync();
    }
}
