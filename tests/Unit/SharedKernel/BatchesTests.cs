using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Tests.Unit.SharedKernel;

/// <summary>A list that is read slowly ends with the rights of its caller, also within a batch.</summary>
public sealed class BatchesTests : IAuthenticator, IKeyRestrictions
{
    private readonly FakeTimeProvider clock = new();
    private readonly DefaultHttpContext http = new();
    private bool hasEnded;
    private int asked;

    public BatchesTests() => http.Features.Set(Caller());

    bool IKeyRestrictions.HoldsEverything => true;

    [Fact]
    public async Task Asks_again_after_five_seconds_and_goes_no_further_for_a_caller_that_has_ended()
    {
        await using var rows = Rows().GetAsyncEnumerator();
        Assert.True(await rows.MoveNextAsync());
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(await rows.MoveNextAsync());
        Assert.Equal(0, asked);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await rows.MoveNextAsync());
        Assert.Equal(1, asked);
        hasEnded = true;
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(await rows.MoveNextAsync());
        clock.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<CallerChangedException>(async () => await rows.MoveNextAsync());
    }

    Task IAuthenticator.PrecheckAsync(HttpContext http, Func<bool> mayLookUp) => throw new NotSupportedException();

    Task<bool> IAuthenticator.RequireAsync(HttpContext http) => throw new NotSupportedException();

    Task<Result<Caller>> IAuthenticator.FindAgainAsync(HttpContext http)
    {
        asked++;
        return Task.FromResult<Result<Caller>>(hasEnded ? Error.NotAllowed : Caller());
    }

    bool IKeyRestrictions.InScope(Permission permission) => true;

    IReadOnlySet<Guid>? IKeyRestrictions.AdmittedIds(string resourceType) => null;

    private Caller Caller() => new(new PermissionTable([]), this) { UserId = Guid.Empty, Username = "ada", Roles = [], KeyId = "", Status = AccountStatus.Active };

    private IAsyncEnumerable<int> Rows()
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton<IAuthenticator>(this)
            .AddSingleton<IHttpContextAccessor>(new HttpContextAccessor { HttpContext = http })
            .BuildServiceProvider();
        return Batches.FollowAsync(services.GetRequiredService<IServiceScopeFactory>(), Enumerable.Range(0, 10).ToArray(), _ => (IRequest<Result<IReadOnlyList<int>>>?)null, default);
    }
}
