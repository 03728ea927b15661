using System.Runtime.CompilerServices;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Results;
using Modular.SharedKernel.Security;

namespace Modular.SharedKernel.Web;

/// <summary>
/// A list that is read batch by batch while it is written: each batch has a scope, and so a connection, of its own, given back before
/// the next. The caller is judged anew before each, and within one that takes longer, as a list takes as long as the client likes to read it.
/// </summary>
public static class Batches
{
    private static readonly TimeSpan longestUnjudged = TimeSpan.FromSeconds(5);

    /// <summary>The rows of the first batch, then of those that follow.</summary>
    /// <param name="scopes">Where scopes come from.</param>
    /// <param name="first">Read already, or empty where nothing is.</param>
    /// <param name="next">Asks for the batch behind the one given; null where that was the last one.</param>
    /// <param name="ct">Ends the reading between batches and within them.</param>
    public static async IAsyncEnumerable<T> FollowAsync<T>(
        IServiceScopeFactory scopes,
        IReadOnlyList<T> first,
        Func<IReadOnlyList<T>, IRequest<Result<IReadOnlyList<T>>>?> next,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var batch = first;
        TimeProvider clock;
        await using (var any = scopes.CreateAsyncScope())
        {
            clock = any.ServiceProvider.GetRequiredService<TimeProvider>();
        }

        var judged = clock.GetTimestamp();
        while (true)
        {
            foreach (var row in batch)
            {
                if (clock.GetElapsedTime(judged) > longestUnjudged)
                {
                    await using var asking = scopes.CreateAsyncScope();
                    await RequireSameRightsAsync(asking.ServiceProvider);
                    judged = clock.GetTimestamp();
                }

                yield return row;
            }

            if (next(batch) is not { } query)
            {
                yield break;
            }

            await using var scope = scopes.CreateAsyncScope();
            await RequireSameRightsAsync(scope.ServiceProvider);
            judged = clock.GetTimestamp();
            batch = (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(query, ct)).Value;
        }
    }

    /// <exception cref="CallerChangedException">What is left of the list would be another list. The answer is cut off.</exception>
    private static async Task RequireSameRightsAsync(IServiceProvider services)
    {
        var http = services.GetRequiredService<IHttpContextAccessor>().HttpContext!;
        var before = http.Features.Get<Caller>()!;
        var now = await services.GetRequiredService<IAuthenticator>().FindAgainAsync(http);
        if (now.Error is not null || !now.Value.Roles.SequenceEqual(before.Roles))
        {
            throw new CallerChangedException();
        }
    }
}
