using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;
using Modular.UserSkills.Domain;
using Modular.UserSkills.Persistence;
using Npgsql;
using static Modular.Tests.Api.UserSkills.Skills;

namespace Modular.Tests.Api.UserSkills;

/// <summary>What the database holds up by itself: user-skills.md 3.</summary>
[Collection(SecondApi.Name)]
public sealed class StorageTests(ModularApi api) : IAsyncLifetime
{
    private const string Insert =
        """
        insert into user_skills.skills (id, user_id, name, description, content, enabled, created_at, updated_at)
        values (gen_random_uuid(), $1, $2, $3, $4, true, now(), now())
        """;

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Its_figures_are_those_of_the_program()
    {
        var constraints = await ReadAsync(
            """
            select conname, pg_get_constraintdef(oid) from pg_constraint
            where contype = 'c' and connamespace = 'user_skills'::regnamespace
            """);
        var guard = await ReadAsync("select proname, prosrc from pg_proc where pronamespace = 'user_skills'::regnamespace");

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["skills_name_format"] = $"CHECK ((name ~ '{SkillFile.NamePattern}'::text))",
                ["skills_name_size"] = $"CHECK ((octet_length(name) <= {SkillFile.MaxNameBytes}))",
                ["skills_description_size"] = $"CHECK ((octet_length(description) <= {SkillFile.MaxDescriptionBytes}))",
                ["skills_content_size"] = $"CHECK ((octet_length(content) <= {SkillFile.MaxContentBytes}))",
                ["skill_versions_description_size"] = $"CHECK ((octet_length(description) <= {SkillFile.MaxDescriptionBytes}))",
                ["skill_versions_content_size"] = $"CHECK ((octet_length(content) <= {SkillFile.MaxContentBytes}))",
            },
            constraints);
        Assert.Contains($">= {Skill.MaxPerUser} ", guard["guard_skill"], StringComparison.Ordinal);
        Assert.Contains($"'{UserSkillsDbContext.PerUserLimitConstraint}'", guard["guard_skill"], StringComparison.Ordinal);
        Assert.Contains($"'{UserSkillsDbContext.OwnerDeletedConstraint}'", guard["guard_skill"], StringComparison.Ordinal);
    }

    public static TheoryData<string, int, int, string> Wrong => new()
    {
        { "not kebab", 0, 1, "skills_name_format" },
        { "tidy\n", 0, 1, "skills_name_format" },
        { new string('a', SkillFile.MaxNameBytes + 1), 0, 1, "skills_name_size" },
        { "tidy", SkillFile.MaxDescriptionBytes + 1, 1, "skills_description_size" },
        { "tidy", 0, SkillFile.MaxContentBytes + 1, "skills_content_size" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task It_refuses_what_is_too_large_or_no_name(string name, int description, int content, string constraint)
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("first"));

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => api.ExecuteAsync(Insert, user.Id, name, new string('d', description), new string('c', content)));
        Assert.Equal((PostgresErrorCodes.CheckViolation, constraint), (refused.SqlState, refused.ConstraintName));
    }

    [Fact]
    public async Task It_takes_what_is_just_small_enough()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("first"));

        await api.ExecuteAsync(
            Insert,
            user.Id,
            new string('a', SkillFile.MaxNameBytes),
            new string('é', SkillFile.MaxDescriptionBytes / 2),
            new string('é', SkillFile.MaxContentBytes / 2));
    }

    [Fact]
    public async Task It_refuses_the_101st_skill_of_a_user()
    {
        var user = await api.RegisterUserAsync();
        using var client = api.As(user);
        await client.AddSkillAsync(File("first"));
        for (var n = 1; n < Skill.MaxPerUser; n++)
        {
            await api.ExecuteAsync(Insert, user.Id, $"s-{n}", "", "c");
        }

        // Before the index is looked at: a name that is taken is over the limit too.
        foreach (var name in (string[])["one-more", "first"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => api.ExecuteAsync(Insert, user.Id, name, "", "c"));
            Assert.Equal((PostgresErrorCodes.CheckViolation, UserSkillsDbContext.PerUserLimitConstraint), (refused.SqlState, refused.ConstraintName));
        }

        await client.ChangeSkillAsync("first", new { enabled = false });
    }

    [Fact]
    public async Task It_refuses_a_write_that_has_waited_for_the_users_deletion()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).AddSkillAsync(File("tidy"));
        await using var deletion = await api.OpenDatabaseAsync();
        await using var transaction = await deletion.BeginTransactionAsync();
        await using (var tombstone = new NpgsqlCommand("update user_skills.owners set deleted = true where user_id = $1", deletion, transaction))
        {
            tombstone.Parameters.AddWithValue(user.Id);
            await tombstone.ExecuteNonQueryAsync();
        }

        string[] writes = ["insert into user_skills.skills select gen_random_uuid(), user_id, 'late', '', 'c', true, now(), now() from user_skills.owners where user_id = $1", "update user_skills.skills set enabled = false where user_id = $1"];
        var waiting = writes.Select(sql => Assert.ThrowsAsync<PostgresException>(() => api.ExecuteAsync(sql, user.Id))).ToArray();
        await People.EventuallyAsync(async () => await WaitersAsync() >= writes.Length);
        await transaction.CommitAsync();

        foreach (var refused in await Task.WhenAll(waiting))
        {
            Assert.Equal((PostgresErrorCodes.CheckViolation, UserSkillsDbContext.OwnerDeletedConstraint), (refused.SqlState, refused.ConstraintName));
        }
    }

    [Fact]
    public async Task Lists_are_in_the_order_of_bytes()
    {
        string[] names = ["a", "a-b", "a-z", "a0", "aa", "ab", "b", "b-1", "b1", "z", "0", "10", "9", "a-0"];
        using var client = api.As(await api.RegisterUserAsync());
        foreach (var name in names)
        {
            await client.AddSkillAsync(File($"\"{name}\""));
        }

        var ordered = names.Order(StringComparer.Ordinal);
        Assert.Equal(ordered, (await client.ReadAsync(Mine)).EnumerateArray().Select(skill => skill.Text("name")));
        Assert.Equal(ordered, (await client.ReadAsync($"{Mine}?format=catalog")).GetProperty("skills").EnumerateArray().Select(skill => skill.Text("name")));
    }

    private async Task<long> WaitersAsync()
    {
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database() and query like '%user_skills%'", database);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Dictionary<string, string>> ReadAsync(string sql)
    {
        var read = new Dictionary<string, string>();
        await using var database = await api.OpenDatabaseAsync();
        await using var command = new NpgsqlCommand(sql, database);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            read.Add(rows.GetString(0), rows.GetString(1));
        }

        return read;
    }
}
