using System.Net;
using System.Net.Http.Json;
using Modular.Testing;
using Modular.Tests.Api.Support;
using Npgsql;

namespace Modular.Tests.Api.Races;

/// <summary>A user is deleted while the same user writes: whoever wins, nothing of the user is left alive.</summary>
[Collection(SharedApi.Name)]
public sealed class DeletingAUserWhoIsBusyTests(ModularApi api)
{
    private const string Skill = "---\nname: late\n---\nDo it.\n";

    private static readonly int rounds = Thorough.Times(200, byDefault: 50);

    private static readonly HttpStatusCode[] allowed =
    [
        HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden,
        HttpStatusCode.NotFound, HttpStatusCode.Conflict,
    ];

    [Fact]
    public async Task Leaves_no_live_skill_key_session_or_setting()
    {
        await api.TurnAsync("user-skills", on: true);
        await using var database = await api.OpenDatabaseAsync();
        using var owner = api.As(api.Owner);
        var wins = 0;
        for (var round = 0; round < rounds; round++)
        {
            var user = await api.RegisterUserAsync();
            using var member = api.As(user);
            using var start = new Barrier(participantCount: 9);

            var answers = await Task.WhenAll(
                RaceAsync(start, () => owner.DeleteAsync($"/api/v2/users/{user.Id}")),
                RaceAsync(start, () => member.PostAsJsonAsync("/api/experimental/users/me/skills", new { content = Skill })),
                RaceAsync(start, () => member.PostAsJsonAsync($"/api/experimental/users/{user.Id}/skills", new { content = Skill.Replace("late", "later") })),
                RaceAsync(start, () => member.PostAsJsonAsync("/api/v2/users/me/keys/tokens", new { })),
                RaceAsync(start, () => member.PutAsJsonAsync("/api/v2/users/me/appearance", new { theme_preference = "dark" })),
                RaceAsync(start, () => member.PutAsJsonAsync("/api/v2/users/me/preferences", new { thinking_display_mode = "preview" })),
                RaceAsync(start, () => member.PutAsJsonAsync($"/api/v2/users/me/autofill-parameters/{user.Id}", new[] { new { name = "a", value = "b" } })),
                RaceAsync(start, () => member.PutAsync("/api/v2/users/me/gitsshkey", null)),
                RaceAsync(start, () => api.Anonymous.PostAsJsonAsync(
                    "/api/v2/users/login", new { email = $"{user.Username}@example.com", password = ModularApi.Password })));

            Assert.Equal(HttpStatusCode.OK, answers[0]);
            Assert.All(answers, status => Assert.Contains(status, allowed));
            wins += answers[1..].Count(status => status is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.NoContent);
            Assert.Equal((0, 0, 0, 1), await LeftOfAsync(database, user.Id));
            await (await owner.PostAsJsonAsync($"/api/experimental/users/{user.Id}/skills", new { content = Skill }))
                .ShouldRefuseAsync(HttpStatusCode.Conflict);
            await (await member.GetAsync("/api/v2/users/me")).ShouldRefuseAsync(HttpStatusCode.Unauthorized);
        }

        // Both outcomes must have been seen, or the requests never met.
        Assert.InRange(wins, 1, (rounds * 8) - 1);
    }

    [Theory]
    [InlineData("username")]
    [InlineData("email")]
    public async Task Of_two_users_created_with_the_same_name_or_address_one_wins(string shared)
    {
        using var owner = api.As(api.Owner);
        for (var round = 0; round < rounds / 2; round++)
        {
            var name = Name();
            using var start = new Barrier(participantCount: 2);
            object user() => shared == "username"
                ? new { username = name, service_account = true, organization_ids = new[] { api.Organization } }
                : new { username = Name(), email = $"{name}@example.com", password = ModularApi.Password, organization_ids = new[] { api.Organization } };
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => RaceAsync(start, () => owner.PostAsJsonAsync("/api/v2/users", user()))));

            Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], answers.Order());
        }

        static string Name() => "r" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>Every request waits for the others, on threads of their own, so that they start in the same moment.</summary>
    private static Task<HttpStatusCode> RaceAsync(Barrier start, Func<Task<HttpResponseMessage>> request) => Task.Factory.StartNew(
        async () =>
        {
            start.SignalAndWait();
            using var answer = await request();
            return answer.StatusCode;
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).Unwrap();

    private static async Task<(int Skills, int Keys, int Settings, int Entries)> LeftOfAsync(NpgsqlConnection database, Guid user)
    {
        await using var command = new NpgsqlCommand(
            """
            select (select count(*)::int from user_skills.skills where user_id = $1),
                   (select count(*)::int from api_keys.keys where user_id = $1 and revoked_at is null),
                   (select count(*)::int from preferences.appearances where user_id = $1)
                       + (select count(*)::int from preferences.preferences where user_id = $1)
                       + (select count(*)::int from preferences.autofill_values where user_id = $1)
                       + (select count(*)::int from preferences.git_ssh_keys where user_id = $1),
                   (select count(*)::int from audit.entries where resource_id = $1 and resource_type = 'user' and action = 'delete')
            """,
            database);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3));
    }
}
