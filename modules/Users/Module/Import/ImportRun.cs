using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Modular.Users.Import;

/// <summary>What the caller asked of the whole file.</summary>
/// <param name="Updates">Whether users that exist are changed to what their row says; otherwise they are passed over.</param>
/// <param name="DryRun">Whether nothing is written.</param>
internal sealed record ImportOptions(bool Updates, bool DryRun);

/// <summary>How many rows ended in which way.</summary>
internal sealed record ImportSummary(int Created, int Updated, int Unchanged, int Skipped, int Failed)
{
    internal static readonly ImportSummary Nothing = new(0, 0, 0, 0, 0);

    internal ImportSummary With(string result) => result switch
    {
        ImportResult.Created => this with { Created = Created + 1 },
        ImportResult.Updated => this with { Updated = Updated + 1 },
        ImportResult.Unchanged => this with { Unchanged = Unchanged + 1 },
        ImportResult.Skipped => this with { Skipped = Skipped + 1 },
        _ => this with { Failed = Failed + 1 },
    };
}

/// <summary>
/// Imports a file while it arrives and answers while it imports. Rows go to the database in batches, each in a scope and a transaction
/// of its own, and a row is reported once it is committed: memory does not grow with the file, and a connection that is cut leaves what
/// was reported, and of the batch in flight all or nothing.
/// </summary>
internal sealed class ImportRun(IRowReader rows, ImportOptions options, IDisposable slot, IServiceScopeFactory scopes, TimeProvider clock) : IResult
{
    internal const string ContentType = "application/x-ndjson";

    private const int BatchSize = 250;

    /// <summary>Rows that have arrived wait this long for more of them.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan longestUnjudged = TimeSpan.FromSeconds(5);

    private ImportSummary summary = ImportSummary.Nothing;

    /// <summary>Whether there can be rows; from then on there is an import to record.</summary>
    private bool isOpen;

    /// <summary>Why there can be none.</summary>
    private Error? unusable;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var taken = slot; // Given back now: the server may read on for a while from what the client still sends.
        var response = httpContext.Response;
        response.ContentType = ContentType;
        await using var answer = new ImportAnswer(response.Body, clock, httpContext.RequestAborted);
        var isComplete = false;
        Error? ended = null;
        try
        {
            await foreach (var batch in BatchesAsync(httpContext.RequestAborted))
            {
                ended = await ImportAsync(batch, answer, httpContext.RequestAborted);
                if (ended is not null)
                {
                    break;
                }
            }

            ended ??= unusable;
            isComplete = ended is null;
        }
        catch when (response.HasStarted)
        {
            httpContext.Abort(); // The client must not take a part for the whole.
            throw;
        }
        finally
        {
            await RecordAsync(isComplete);
        }

        if (ended is not null && summary == ImportSummary.Nothing)
        {
            await ResultHttp.Refusal(ended).ExecuteAsync(httpContext);
            return;
        }

        if (ended is null)
        {
            answer.Add(new ImportUsers.LastLine(summary));
        }
        else
        {
            answer.Add(ErrorBody.Of(ended));
        }

        await answer.CompleteAsync();
    }

    /// <summary>
    /// Full batches, and what there is of one when the client pauses: it may be waiting for the answer to what it has sent. Empty ones come
    /// while nothing does, the header included, and as the last: each batch judges the caller, and one that may import no more must not go
    /// on holding a slot, however slowly the file comes.
    /// </summary>
    private async IAsyncEnumerable<List<ReadRow>> BatchesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var batch = new List<ReadRow>(BatchSize);
        var lastBatch = clock.GetTimestamp();
        Task reading = Task.CompletedTask;
        try
        {
            var opening = rows.OpenAsync(stop.Token).AsTask();
            reading = opening;
            while (await IsBatchDueAsync())
            {
                yield return Next();
            }

            unusable = await opening;
            isOpen = unusable is null;
            while (isOpen)
            {
                var next = rows.ReadAsync(stop.Token).AsTask();
                reading = next;
                while (await IsBatchDueAsync())
                {
                    yield return Next();
                }

                if (await next is not { } row)
                {
                    break;
                }

                batch.Add(row);
                if (batch.Count == BatchSize)
                {
                    yield return Next();
                }
            }

            yield return batch;
        }
        finally
        {
            // After a failure: the request must not end while its body is being read.
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<bool> IsBatchDueAsync()
        {
            var left = longestUnjudged - clock.GetElapsedTime(lastBatch);
            var wait = batch.Count > 0 && patience < left ? patience : left;
            return wait <= TimeSpan.Zero || (!reading.IsCompleted && await Task.WhenAny(reading, Task.Delay(wait, clock, stop.Token)) != reading);
        }

        List<ReadRow> Next()
        {
            var full = batch;
            batch = new List<ReadRow>(BatchSize);
            lastBatch = clock.GetTimestamp();
            return full;
        }
    }

    /// <returns>Why the import ends here; null where it goes on.</returns>
    private async Task<Error?> ImportAsync(IReadOnlyList<ReadRow> batch, ImportAnswer answer, CancellationToken ct)
    {
        var imported = await SendAsync(new ImportBatch.Command(batch, options), ct);
        if (imported.Error is null)
        {
            await ReportAsync(imported.Value);
            return null;
        }

        // A name was taken meanwhile, or an organization deleted: the database has refused the batch for the sake of one row.
        foreach (var row in EndsTheImport(imported.Error) ? [] : batch)
        {
            imported = await SendAsync(new ImportBatch.Command([row], options), ct);
            if (imported.Error is { } error && EndsTheImport(error))
            {
                break;
            }

            await ReportAsync(imported.Error is { } refused ? [ImportUsers.Response.Failed(row, refused)] : imported.Value);
        }

        return imported.Error is { } last && EndsTheImport(last) ? last : null;

        async Task ReportAsync(IReadOnlyList<ImportUsers.Response> lines)
        {
            if (lines.Count == 0)
            {
                return;
            }

            foreach (var line in lines)
            {
                summary = summary.With(line.Result);
                answer.Add(line);
            }

            await answer.FlushAsync();
        }
    }

    /// <summary>The caller is judged anew for each batch: the session may have ended, or the rights have gone, while the file came in.</summary>
    private static bool EndsTheImport(Error error) => error.Kind == ErrorKind.Unauthenticated || error == Error.NotAllowed;

    /// <summary>One entry of the log for the whole, also when the client has gone in the middle.</summary>
    private async Task RecordAsync(bool isComplete)
    {
        if (isOpen && !options.DryRun)
        {
            await SendAsync(new RecordImport.Command(summary, options, isComplete), CancellationToken.None);
        }
    }

    private async Task<Result<T>> SendAsync<T>(IRequest<Result<T>> command, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(command, ct);
    }
}
