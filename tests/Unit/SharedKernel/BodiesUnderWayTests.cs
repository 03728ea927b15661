using System.Net;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.SharedKernel;

/// <summary>What bodies may hold that have not arrived as a whole.</summary>
public sealed class BodiesUnderWayTests
{
    private const long MiB = 1024 * 1024;

    private readonly BodiesUnderWay bodies = new();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8:0:77::2")]
    public void An_address_has_its_share_and_no_more(string one, string same)
    {
        var held = Enumerable.Range(0, (int)(BodiesUnderWay.BytesPerAddress / MiB)).Select(_ => bodies.For(IPAddress.Parse(one), NotCut)).ToList();
        Assert.All(held, body => Assert.True(body.Grow(MiB + BodiesUnderWay.Free)));
        using var another = bodies.For(IPAddress.Parse(same), NotCut);
        Assert.False(another.Grow(BodiesUnderWay.Free + 1));
        Assert.True(another.Grow(BodiesUnderWay.Free)); // A login, say.
        using var elsewhere = bodies.For(IPAddress.Parse("198.51.100.7"), NotCut);
        Assert.True(elsewhere.Grow(MiB));

        held[0].Dispose();
        Assert.True(another.Grow(MiB));
        held.ForEach(body => body.Dispose());
    }

    [Fact]
    public void All_together_have_a_bound_at_which_the_address_with_the_most_gives_way()
    {
        var cut = new List<int>();
        var held = Enumerable.Range(0, (int)(BodiesUnderWay.Bytes / MiB))
            .Select(number => bodies.For(new IPAddress([10, 0, (byte)(number / 16), 1]), () => cut.Add(number)))
            .ToList();
        Assert.All(held, body => Assert.True(body.Grow(MiB + BodiesUnderWay.Free)));
        Assert.Equal(BodiesUnderWay.Bytes, bodies.Held);

        using (var largest = bodies.For(new IPAddress([10, 0, 3, 1]), NotCut))
        {
            Assert.False(largest.Grow(MiB));
            Assert.Empty(cut);
        }

        using (var newcomer = bodies.For(IPAddress.Parse("192.0.2.1"), NotCut))
        {
            Assert.True(newcomer.Grow(MiB));
            Assert.False(held[Assert.Single(cut)].Grow(2 * MiB));
            Assert.InRange(bodies.Held, BodiesUnderWay.Bytes - MiB, BodiesUnderWay.Bytes);
        }

        held.ForEach(body => body.Dispose());
        Assert.Equal(0, bodies.Held);
    }

    private static void NotCut() => Assert.Fail("This one does not give way.");
}
