using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Modular.SharedKernel.Messaging;
using Modular.Users.Domain;
using static Modular.Users.Domain.PasswordVerdict;

namespace Modular.Unit.Users;

public sealed class PasswordHasherTests
{
    private const string Password = "SomeSecurePassword!";

    // Made by the reference implementation's command: echo -n password | argon2 somesaltsomesalt -id -m 10 -t 1 -p 1 -e
    private const string ForeignHash =
        "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$FiU+I6KbINfHoMBfkVDnS6qmzxgy7cg41IT8JQoCvvk";

    private static readonly (int, int) Today = (19_456, 2);

    [Fact]
    public async Task A_password_matches_its_own_hash_only()
    {
        using var queue = new CostlyWork(new CostlyWorkSettings(1));
        var hasher = new PasswordHasher(queue);
        var hash = await hasher.HashAsync(Password, default);

        Assert.Matches(@"\A\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\z", hash);
        Assert.Equal(Match, await hasher.VerifyAsync(hash, Password, default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, Password + " ", default));
        Assert.Equal(NoMatch, await hasher.VerifyAsync(hash, "", default));
    }

    [Fact]
    public async Task Two_hashes_of_one_password_differ()
    {
        using var queue = new CostlyWork(new CostlyWorkSettings(1));
        var hasher = new PasswordHasher(queue);

        Assert.NotEqual(await hasher.HashAsync(Password, default), await hasher.HashAsync(Password, default));
    }

    [Fact]
    public async Task A_hash_of_another_implementation_is_read()
    {
        using var queue = new CostlyWork(new CostlyWorkSettings(1));
        var hasher = new PasswordHasher(queue);

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
    [InlineData(262_144, 10, 32)]
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

    [Fact]
    public async Task A_hash_that_fails_gives_its_place_back()
    {
        using var queue = new CostlyWork(new CostlyWorkSettings(1));
        var hasher = new PasswordHasher(queue, (_, _, _, _, _) => throw new InvalidOperationException());

        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Password, default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => hasher.HashAsync(Password, default).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Derivations that cost nothing, count themselves and can be held.</summary>
    private sealed class Derivations
    {
        private readonly ConcurrentQueue<(int, int)> costs = new();
        private readonly Channel<int> started = Channel.CreateUnbounded<int>();
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Held { get; init; }

        public IReadOnlyCollection<(int, int)> Costs => [.. costs];

        public static byte[] HashOf(string password, int length)
        {
            var hash = new byte[length];
            Fill(Encoding.UTF8.GetBytes(password), hash);
            return hash;
        }

        public PasswordHasher Hasher(int concurrency = 1) => new(new CostlyWork(new CostlyWorkSettings(concurrency)), (password, _, memory, passes, hash) =>
        {
            costs.Enqueue((memory, passes));
            started.Writer.TryWrite(memory);
            if (Held)
            {
                released.Task.Wait();
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
