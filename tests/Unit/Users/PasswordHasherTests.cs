using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Modular.SharedKernel.Messaging;
using Modular.Users.SignIn.Domain;
using static Modular.Users.SignIn.Domain.PasswordVerdict;

namespace Modular.Tests.Unit.Users;

public sealed class PasswordHasherTests
{
    private const string Password = "SomeSecurePassword!";

    // Made by the reference implementation's command: echo -n password | argon2 somesaltsomesalt -id -m 10 -t 1 -p 1 -e
    private const string ForeignHash =
        "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$FiU+I6KbINfHoMBfkVDnS6qmzxgy7cg41IT8JQoCvvk";

    private const string Ours = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Costly = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";

    private static readonly (int, int) Today = (19_456, 2);
    private static readonly CostlyWorkSettings one = new(1);

    [Fact]
    public async Task A_password_matches_its_own_hash_only()
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);
        var hash = await hasher.HashAsync(Password, default);

        Assert.Matches(@"\A\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\z", hash);
        Assert.Equal(Match, await hasher.VerifyAsync(hash, Password, default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, Password + " ", default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, "", default));
    }

    [Fact]
    public async Task Two_hashes_of_one_password_differ()
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);

        Assert.NotEqual(await hasher.HashAsync(Password, default), await hasher.HashAsync(Password, default));
    }

    [Fact]
    public async Task A_hash_of_another_implementation_is_read()
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);

        Assert.Equal(MatchNeedsRehash, await hasher.VerifyAsync(ForeignHash, "password", default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(ForeignHash, "passwore", default));
    }

    [Fact]
    public async Task A_hash_at_todays_parameters_costs_one_hash_right_or_wrong()
    {
        var derivations = new Derivations();
        var hasher = derivations.Hasher();
        var hash = await hasher.HashAsync(Password, default);

        Assert.Equal(Match, await hasher.VerifyAsync(hash, Password, default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, "wrong", default));

        Assert.Equal([Today, Today, Today], derivations.Costs);
    }

    [Theory]
    [InlineData(19_456, 1, 32)]
    [InlineData(19_455, 2, 32)]
    [InlineData(262_144, 3, 32)]
    [InlineData(78_643, 10, 32)]
    [InlineData(19_456, 2, 64)]
    public async Task A_hash_at_other_parameters_costs_its_own_check_and_one_more(int memory, int passes, int length)
    {
        var derivations = new Derivations();
        var hasher = derivations.Hasher();
        var old = new Argon2Phc(memory, passes, new byte[16], Derivations.HashOf(Password, length)).ToString();

        Assert.Equal(MatchNeedsRehash, await hasher.VerifyAsync(old, Password, default));
        Assert.Equal([(memory, passes)], derivations.Costs); // The one more is the caller's rehash.

        Assert.Equal(NoMatch, await hasher.VerifyAsync(old, "wrong", default));
        Assert.Equal([(memory, passes), (memory, passes), Today], derivations.Costs);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=16$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=262145,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=19456,t=11,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=262144,t=4,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=78644,t=10,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=7,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=99999999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_a_hash_that_can_be_used_one_hash_is_spent_and_nothing_matches(string? phc)
    {
        var derivations = new Derivations();
        var hasher = derivations.Hasher();

        Assert.Equal(NoMatch, await hasher.VerifyAsync(phc, Password, default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(phc, "", default));

        Assert.Equal([Today, Today], derivations.Costs);
    }

    [Fact]
    public async Task No_more_hashes_than_the_bound_run_at_once()
    {
        var derivations = new Derivations { Held = true };
        var hasher = derivations.Hasher(concurrency: 2);
        using var abandoned = new CancellationTokenSource();
        Task[] running = [hasher.HashAsync(Password, default), hasher.VerifyAsync(null, Password, default)];
        await derivations.StartedAsync(2);

        // Only what still waits can be cancelled: a third that had begun would be held like the two.
        var third = hasher.HashAsync(Password, abandoned.Token);
        await abandoned.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(2, derivations.Costs.Count);

        var fourth = hasher.HashAsync(Password, default);
        derivations.Release();
        await Task.WhenAll([.. running, fourth]);
        Assert.Equal(3, derivations.Costs.Count);
    }

    /// <summary>Cheap ones go with ours: they may be ours, from before a change of the parameters.</summary>
    [Theory]
    [InlineData("$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("$argon2id$v=19$m=19457,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("$argon2id$v=19$m=8192,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("$argon2id$v=19$m=1024,t=1,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("$2b$04$abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi", true)]
    [InlineData("$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$CyNxu7y/OkMS8VSUe3TGuBKRqzZzeJ34U9Xehg4lYdo", true)]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("$argon2id$v=19$m=12288,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("$argon2id$v=19$m=262144,t=10,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("nonsense", false)]
    [InlineData(null, false)]
    public void There_are_so_many_places_for_hashes_that_cost_more_than_ours(string? stored, bool isCostly)
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);
        var places = Enumerable.Range(0, PasswordHasher.ForeignPlaces).Select(number => hasher.TakePlace(stored, $"network {number / PasswordHasher.ForeignPlacesOfANetwork}")).ToList();
        Assert.DoesNotContain(null, places);

        Assert.Equal(isCostly, hasher.TakePlace(stored, "another") is null);
        Assert.NotNull(hasher.TakePlace(Ours, "another"));
        places[0]!.Dispose();
        Assert.NotNull(hasher.TakePlace(stored, "another"));
    }

    [Fact]
    public void A_network_has_some_of_the_places_and_beyond_them_is_told_nothing_of_which_accounts_need_one()
    {
        const string costly = "$2b$04$abcdefghijklmnopqrstuuSjkzihYV9Fb1aALS58q8MgbHbg1Zcvi";
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);
        var places = Enumerable.Range(0, PasswordHasher.ForeignPlacesOfANetwork).Select(_ => hasher.TakePlace(costly, "strangers")).ToList();
        Assert.DoesNotContain(null, places);

        Assert.Equal([true, true, true], new[] { costly, Ours, null }.Select(stored => hasher.TakePlace(stored, "strangers") is null));
        Assert.Equal([false, false, false], new[] { costly, Ours, null }.Select(stored => hasher.TakePlace(stored, "others") is null));
        places[0]!.Dispose();
        Assert.NotNull(hasher.TakePlace(costly, "strangers"));
    }

    /// <summary>Another system has hashed what was typed, or its normal form; ours are always of the normal form.</summary>
    [Theory]
    [InlineData("Cafe\u0301", "Cafe\u0301", true)]
    [InlineData("Caf\u00e9", "Cafe\u0301", true)]
    [InlineData("Cafe\u0301", "Caf\u00e9", false)]
    public async Task A_hash_of_another_system_is_of_what_was_typed_or_of_its_normal_form(string hashed, string typed, bool matches)
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one);
        var salt = new byte[16];
        var hash = Rfc2898DeriveBytes.Pbkdf2(hashed, salt, iterations: 1000, HashAlgorithmName.SHA256, outputLength: 32);
        var stored = $"$pbkdf2-sha256$1000${Text(salt)}${Text(hash)}";

        Assert.Equal(matches ? MatchNeedsRehash : NoMatch, await hasher.VerifyAsync(stored, typed, default));
        Assert.Equal(Match, await hasher.VerifyAsync(await hasher.HashAsync(hashed, default), typed, default));

        static string Text(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '.');
    }

    [Fact]
    public async Task Hashes_that_cost_more_than_ours_are_checked_one_at_a_time_and_keep_no_other_waiting()
    {
        var derivations = new Derivations { HeldAbove = 19_456 };
        var hasher = derivations.Hasher(concurrency: 1);
        Task<PasswordVerdict>[] costly = [.. Enumerable.Range(0, 5).Select(_ => hasher.VerifyAsync(Costly, Password, default))];
        await derivations.StartedAsync(1);

        await hasher.HashAsync(Password, default).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(Ours, Password, default).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal([(65_536, 3), Today, Today], derivations.Costs);

        derivations.Release();
        await Task.WhenAll(costly);
        Assert.Equal(1, derivations.MostAtOnceAbove);
    }

    [Fact]
    public async Task A_hash_that_fails_gives_its_place_back()
    {
        using var queue = new CostlyWork(one);
        using var hasher = new PasswordHasher(queue, one, (_, _, _, _, _) => throw new InvalidOperationException());

        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Password, default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Password, default).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Derivations that cost nothing, count themselves and can be held.</summary>
    private sealed class Derivations
    {
        private readonly ConcurrentQueue<(int, int)> costs = new();
        private readonly Channel<int> started = Channel.CreateUnbounded<int>();
        private int above;
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Held
        {
            init => HeldAbove = value ? 0 : int.MaxValue;
        }

        /// <summary>KiB of memory from which on a derivation is held.</summary>
        public int HeldAbove { get; init; } = int.MaxValue;

        /// <summary>How many of those that can be held ran beside each other, at most.</summary>
        public int MostAtOnceAbove { get; private set; }

        public IReadOnlyCollection<(int, int)> Costs => [.. costs];

        public static byte[] HashOf(string password, int length)
        {
            var hash = new byte[length];
            Fill(Encoding.UTF8.GetBytes(password), hash);
            return hash;
        }

        public PasswordHasher Hasher(int concurrency = 1) => new(new CostlyWork(new CostlyWorkSettings(concurrency)), new CostlyWorkSettings(concurrency), (password, _, memory, passes, hash) =>
        {
            costs.Enqueue((memory, passes));
            started.Writer.TryWrite(memory);
            if (memory > HeldAbove)
            {
                MostAtOnceAbove = Math.Max(MostAtOnceAbove, Interlocked.Increment(ref above));
                released.Task.Wait();
                Interlocked.Decrement(ref above);
            }

            Fill(password, hash);
        });

        public async Task StartedAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        public void Release() => released.SetResult();

        private static void Fill(ReadOnlySpan<byte> password, Span<byte> hash)
        {
            hash.Clear();
            password[..Math.Min(password.Length, hash.Length)].CopyTo(hash);
        }
    }
}
