using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Modular.Tests.Api.Support;
using Modular.Users.SignIn.Domain;

namespace Modular.Tests.Api.Users;

/// <summary>Logins whose hash another system has made, when many of them come: additions.md 2.</summary>
[Collection(SecondApi.Name)]
public sealed class ForeignHashesInLineTests(ModularApi api)
{
    [Fact]
    public async Task Who_finds_no_place_is_told_so_and_has_tried_nothing_and_nobody_else_waits()
    {
        var (taken, ours) = ((await api.CreateAsync()).Text("email"), (await api.CreateAsync()).Text("email"));
        await api.ExecuteAsync("update users.users set hashed_password = $2 where email = $1", taken, ForeignHashes.Bcrypt);
        var queue = api.Services.GetRequiredService<PasswordHasher>();
        var places = Enumerable.Range(0, PasswordHasher.ForeignPlaces).Select(number => queue.TakePlace(ForeignHashes.Bcrypt, $"network {number}")!).ToList();
        for (var i = 0; i < 12; i++)
        {
            using var refused = await api.Anonymous.LogInAsync(taken);
            await refused.ShouldRefuseAsync(HttpStatusCode.TooManyRequests);
            Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter!.Delta);
        }

        using var other = await api.Anonymous.LogInAsync(ours);
        await other.ShouldBeAsync(HttpStatusCode.Created);

        places.ForEach(place => place.Dispose());
        using var wrong = await api.Anonymous.LogInAsync(taken, "NotThePassword!23");
        await wrong.ShouldBeAsync(HttpStatusCode.Unauthorized);
        using var right = await api.Anonymous.LogInAsync(taken);
        await right.ShouldBeAsync(HttpStatusCode.Created);

        // Each has given its place back.
        places = [.. places.Select((_, number) => queue.TakePlace(ForeignHashes.Bcrypt, $"network {number}")!)];
        Assert.DoesNotContain(null, places);
        places.ForEach(place => place.Dispose());
    }
}
