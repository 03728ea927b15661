using Microsoft.Extensions.Time.Testing;
using Modular.ApiKeys.Authentication;
using Modular.ApiKeys.Domain;
using Modular.Host;
using Modular.SharedKernel.Security;

namespace Modular.Tests.Unit.ApiKeys;

/// <summary>What the cache may serve: nothing that has changed, and nothing while changes cannot be heard.</summary>
public sealed class KeyCacheTests
{
    private static readonly ScopeCatalog catalog = new(ModuleCatalog.All);

    private readonly FakeTimeProvider clock = new();
    private readonly KeyCache cache;

    public KeyCacheTests() => cache = new KeyCache(clock);

    [Fact]
    public void Serves_what_it_keeps_while_it_hears_of_changes()
    {
        Keep("aaaaaaaaaa");
        Assert.Null(cache.Find("aaaaaaaaaa"));
        cache.Trust();
        Keep("aaaaaaaaaa");
        Assert.NotNull(cache.Find("aaaaaaaaaa"));
        clock.Advance(TimeSpan.FromSeconds(2));
        cache.Trust();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(cache.Find("aaaaaaaaaa"));
    }

    [Fact]
    public void Serves_nothing_after_three_seconds_of_silence_and_nothing_from_before()
    {
        cache.Trust();
        Keep("aaaaaaaaaa");
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(cache.Find("aaaaaaaaaa"));
        cache.Trust();
        Assert.Null(cache.Find("aaaaaaaaaa"));
    }

    [Fact]
    public void A_lost_listener_empties_it()
    {
        cache.Trust();
        Keep("aaaaaaaaaa");
        cache.Distrust();
        Assert.Null(cache.Find("aaaaaaaaaa"));
        cache.Trust();
        Assert.Null(cache.Find("aaaaaaaaaa"));
    }

    [Fact]
    public void What_was_looked_up_before_a_change_is_not_kept()
    {
        cache.Trust();
        foreach (var change in (Action[])[() => cache.ForgetKey("aaaaaaaaaa"), () => cache.ForgetUser(Guid.Empty), cache.ForgetEverything])
        {
            var before = cache.Changes;
            change();
            cache.Keep(Key("aaaaaaaaaa", Guid.Empty), before);
            Assert.Null(cache.Find("aaaaaaaaaa"));
        }
    }

    [Fact]
    public void Forgets_a_key_a_user_or_everything_and_no_more()
    {
        var (one, other) = (new Guid("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"), new Guid("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"));
        cache.Trust();
        Fill();
        cache.ForgetKey("aaaaaaaaaa");
        Assert.Equal((false, true, true), Known());
        Fill();
        KeyChanges.Apply(cache, $"user {one}");
        Assert.Equal((false, false, true), Known());
        Fill();
        KeyChanges.Apply(cache, "*");
        Assert.Equal((false, false, false), Known());
        Fill();
        KeyChanges.Apply(cache, "of the future");
        Assert.Equal((false, false, false), Known());

        void Fill()
        {
            Keep("aaaaaaaaaa", one);
            Keep("bbbbbbbbbb", one);
            Keep("cccccccccc", other);
            Assert.Equal((true, true, true), Known());
        }

        (bool, bool, bool) Known() => (cache.Find("aaaaaaaaaa") is not null, cache.Find("bbbbbbbbbb") is not null, cache.Find("cccccccccc") is not null);
    }

    [Fact]
    public void Forgets_users_and_keys_when_it_is_full_and_keys_come_and_go()
    {
        cache.Trust();
        var users = Enumerable.Range(0, 2 * KeyCache.MaxKeys).Select(number => new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])).ToList();
        foreach (var (user, number) in users.Select((user, number) => (user, number)))
        {
            Keep(IdOf(number), user);
            if (number % 3 == 0)
            {
                cache.ForgetUser(user);
                Assert.Null(cache.Find(IdOf(number)));
            }
            else if (number % 3 == 1)
            {
                cache.ForgetKey(IdOf(number));
                Assert.Null(cache.Find(IdOf(number)));
            }

            Assert.InRange(cache.Count, 0, KeyCache.MaxKeys);
        }

        foreach (var (user, number) in users.Select((user, number) => (user, number)))
        {
            Keep(IdOf(number), user);
        }

        Assert.Equal(KeyCache.MaxKeys, cache.Count);
        foreach (var (user, number) in users.Select((user, number) => (user, number)))
        {
            cache.ForgetUser(user);
            Assert.Null(cache.Find(IdOf(number)));
        }

        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void What_is_in_use_stays_when_room_is_made()
    {
        cache.Trust();
        Keep("inuse00000");
        for (var number = 0; number < 3 * KeyCache.MaxKeys; number++)
        {
            Assert.NotNull(cache.Find("inuse00000"));
            Keep(IdOf(number), new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]));
        }
    }

    [Fact]
    public void Serves_nothing_that_is_older_than_five_minutes()
    {
        cache.Trust();
        Keep("aaaaaaaaaa");
        for (var minute = 0; minute < 5; minute++)
        {
            Assert.NotNull(cache.Find("aaaaaaaaaa"));
            for (var second = 0; second < 60; second += 2)
            {
                clock.Advance(TimeSpan.FromSeconds(2));
                cache.Trust();
            }
        }

        Assert.Null(cache.Find("aaaaaaaaaa"));
    }

    private static string IdOf(int number) => number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);

    private void Keep(string id, Guid userId = default) => cache.Keep(Key(id, userId), cache.Changes);

    private static KnownKey Key(string id, Guid userId) => new()
    {
        Id = id,
        Hash = [],
        ExpiresAt = DateTimeOffset.MaxValue,
        EndsAt = null,
        LastUsed = default,
        Lifetime = default,
        IsToken = true,
        Caller = new Caller(new PermissionTable([]), new KeyRestrictions([], catalog.Expand([]), AllowList.Everything, DateTimeOffset.MaxValue))
        {
            UserId = userId,
            Username = "",
            Roles = [],
            KeyId = id,
            Status = AccountStatus.Active,
        },
        Epoch = 0,
    };
}
