using Modular.Host.Experiments;
using Modular.Host.Experiments.Domain;
using Modular.SharedKernel.Json;
using Modular.SharedKernel.Security;

namespace Modular.Tests.Unit.Host;

/// <summary>Who is in a rollout: additions.md 1.</summary>
public sealed class AudienceTests
{
    private static readonly DateTimeOffset now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid bob = Guid.Parse("01a218a8-eca0-75a1-8b9d-07c8ec976a83");

    /// <summary>Where the hash puts users, in percent: as the library did that judged rollouts before.</summary>
    [Theory]
    [InlineData("01a218a8-eca0-75a1-8b9d-07c8ec976a83", "user-skills", 4.3391)]
    [InlineData("01a218a8-eca0-75a1-8b9d-07c8ec976a83", "shared-bookmarks", 73.4306)]
    [InlineData("00000000-0000-0000-0000-000000000001", "user-skills", 71.6571)]
    [InlineData("00000000-0000-0000-0000-000000000001", "shared-bookmarks", 70.8530)]
    [InlineData("ffffffff-ffff-4fff-bfff-ffffffffffff", "user-skills", 81.8481)]
    [InlineData("ffffffff-ffff-4fff-bfff-ffffffffffff", "shared-bookmarks", 52.1208)]
    public void Everybody_has_a_place_that_stays(string user, string feature, double place)
    {
        Assert.True(Admits(place + 0.0001));
        Assert.False(Admits(place - 0.0001));

        bool Admits(double share) => new Audience(feature, new Rollout { Percentage = share }).Admits(Caller(Guid.Parse(user)), now);
    }

    public static TheoryData<string, bool> Rollouts => new()
    {
        { "{}", true },
        { """{"users":[]}""", false },
        { """{"roles":[]}""", false },
        { """{"users":["01a218a8-eca0-75a1-8b9d-07c8ec976a83"]}""", true },
        { """{"users":["00000000-0000-0000-0000-000000000001"]}""", false },
        { """{"users":["00000000-0000-0000-0000-000000000001"],"roles":["auditor"]}""", true },
        { """{"users":[],"roles":["owner"],"percentage":100}""", true },
        { """{"roles":["member"]}""", true },
        { """{"roles":["owner"]}""", false },
        { """{"percentage":0}""", false },
        { """{"percentage":100}""", true },
        { """{"from":"2026-01-01T12:00:00Z"}""", true },
        { """{"from":"2026-01-01T12:00:01Z"}""", false },
        { """{"until":"2026-01-01T12:00:00Z"}""", false },
        { """{"until":"2026-01-01T13:00:01+01:00"}""", true },
        { """{"roles":["auditor"],"until":"2026-01-01T12:00:00Z"}""", false },
    };

    [Theory, MemberData(nameof(Rollouts))]
    public void Users_or_roles_or_the_share_admit_within_the_times(string rollout, bool admits)
    {
        var read = System.Text.Json.JsonSerializer.Deserialize<Rollout>(rollout, ModularJson.Options)!;
        Assert.Equal(admits, new Audience("user-skills", read).Admits(Caller(bob, "auditor"), now));
        Assert.False(new Audience("user-skills", read).Admits(caller: null, now));
    }

    /// <summary>A list that counts how often it is read through stands for the names.</summary>
    [Fact]
    public void Those_whom_a_rollout_names_are_gone_through_once_however_often_it_is_asked()
    {
        var users = new Counted<Guid>(Enumerable.Range(0, 1_000).Select(_ => Guid.CreateVersion7(now)));
        var roles = new Counted<string>(SiteRole.All.Where(role => role is not (SiteRole.Member or "auditor")));
        var audience = new Audience("user-skills", new Rollout { Users = users, Roles = roles });
        for (var i = 0; i < 100; i++)
        {
            Assert.False(audience.Admits(Caller(bob, "auditor"), now));
        }

        Assert.Equal((1, 1), (users.Readings, roles.Readings));
    }

    private static Caller Caller(Guid id, params string[] roles) =>
        new(new PermissionTable([]), null!) { UserId = id, Username = "bob", Roles = roles, KeyId = "", Status = AccountStatus.Active };

    private sealed class Counted<T>(IEnumerable<T> items) : IReadOnlyList<T>
    {
        private readonly List<T> list = [.. items];

        public int Readings { get; private set; }

        public int Count => list.Count;

        public T this[int index] => list[index];

        public IEnumerator<T> GetEnumerator()
        {
            Readings++;
            return list.GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
