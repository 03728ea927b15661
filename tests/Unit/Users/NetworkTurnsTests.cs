using System.Collections.Concurrent;
using Modular.SharedKernel.Messaging;
using Modular.Users.SignIn.Domain;

namespace Modular.Tests.Unit.Users;

/// <summary>Many requests from a few networks keep those from others waiting for a few of them.</summary>
public sealed class NetworkTurnsTests
{
    [Fact]
    public async Task A_newcomer_waits_for_one_request_of_each_network()
    {
        var turns = new NetworkTurns(places: 10, placesOfANetwork: 5, atOnce: 1);
        using var queue = new CostlyWork(new CostlyWorkSettings(1));
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new ConcurrentQueue<string>();
        var requests = new List<Task> { RequestAsync("strangers 1") };
        await begun.Task;
        requests.AddRange(((string[])["strangers 2", "strangers 3", "strangers 4", "others 1"]).Select(RequestAsync));

        gate.Set();
        await Task.WhenAll(requests);
        Assert.Equal("others 1", order.ElementAt(1));
        Assert.Equal(5, order.Count);

        async Task RequestAsync(string name)
        {
            using var place = turns.TakePlace(name.Split(' ')[0])!;
            await place.TurnAsync(default);
            await queue.RunAsync(
                () =>
                {
                    order.Enqueue(name);
                    begun.TrySetResult();
                    gate.Wait();
                    return 0;
                },
                default);
        }
    }

    [Fact]
    public void A_place_is_one_of_its_network_and_one_of_all()
    {
        var turns = new NetworkTurns(places: 3, placesOfANetwork: 2, atOnce: 1);
        using var first = turns.TakePlace("a");
        var second = turns.TakePlace("a");
        Assert.NotNull(second);
        Assert.Null(turns.TakePlace("a"));
        Assert.False(turns.HasPlaceFor("a"));
        using var elsewhere = turns.TakePlace("b");
        Assert.NotNull(elsewhere);
        Assert.Null(turns.TakePlace("c"));
        Assert.True(turns.HasPlaceFor("c"));

        second.Dispose();
        using var later = turns.TakePlace("c");
        Assert.NotNull(later);
    }
}
