using Microsoft.Extensions.Time.Testing;
using Modular.Host.Server.Routes;
using Npgsql;

namespace Modular.Tests.Unit.Host;

/// <summary>What asking whether the server is ready costs the database.</summary>
public sealed class DatabaseProbeTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly DatabaseProbe probe;
    private int questions;
    private Func<CancellationToken, Task> database = _ => Task.CompletedTask;

    public DatabaseProbeTests() => probe = new(
        ct =>
        {
            Interlocked.Increment(ref questions);
            return database(ct);
        },
        clock);

    [Fact]
    public async Task All_who_ask_at_once_are_served_by_one_question()
    {
        var answer = new TaskCompletionSource();
        database = _ => answer.Task;
        using var impatient = new CancellationTokenSource();
        var first = probe.AnswersAsync(impatient.Token);
        var others = Enumerable.Range(0, 200).Select(_ => probe.AnswersAsync(default)).ToArray();
        clock.Advance(TimeSpan.FromSeconds(3)); // As long as it is under way there is no other.
        var late = probe.AnswersAsync(default);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        answer.SetResult();
        Assert.All(await Task.WhenAll([.. others, late]), Assert.True);
        Assert.Equal(1, questions);
    }

    [Theory]
    [InlineData(0, true, 1)]
    [InlineData(999, true, 1)]
    [InlineData(1_000, false, 2)]
    public async Task An_answer_serves_for_a_second_and_no_longer(int milliseconds, bool answers, int asked)
    {
        Assert.True(await probe.AnswersAsync(default));
        database = _ => throw new NpgsqlException("away");
        clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(answers, await probe.AnswersAsync(default));
        Assert.Equal(asked, questions);
    }

    [Fact]
    public async Task A_database_that_says_nothing_is_away()
    {
        var started = new TaskCompletionSource();
        database = ct =>
        {
            started.SetResult();
            return Task.Delay(Timeout.Infinite, ct);
        };
        var answer = probe.AnswersAsync(default);
        await started.Task;
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await answer);
    }
}
