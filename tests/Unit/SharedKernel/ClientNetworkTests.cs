using System.Net;
using Modular.SharedKernel.Security;

namespace Modular.Tests.Unit.SharedKernel;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData(null, "", "", "")]
    [InlineData("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8::/32")]
    [InlineData("fe80::1%3", "fe80::/64", "fe80::/64", "fe80::/32")]
    public void Groups_the_addresses_of_one_client(string? address, string client, string place, string provider)
    {
        var parsed = address is null ? null : IPAddress.Parse(address);
        Assert.Equal(client, ClientNetwork.Of(parsed));
        Assert.Equal(place, ClientNetwork.Of(parsed, ipv4Bits: 24));
        Assert.Equal(provider, ClientNetwork.Of(parsed, ipv4Bits: 16, ipv6Bits: 32));
    }
}
