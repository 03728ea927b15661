namespace Modular.SharedKernel.Persistence;

/// <summary>
/// Work that belongs to the end of a command's transaction: locks that every other command wants too are held for an instant only, and
/// behind all others, so that no two commands wait for each other in a ring.
/// </summary>
public interface IBeforeCommit
{
    /// <summary>Registers work, once however often it is asked for. It is dropped when the command fails.</summary>
    void Do(Func<CancellationToken, Task> work);
}

/// <summary>Work that a command wants done once its change is committed and before it answers, such as dropping a cache entry.</summary>
public interface IAfterCommit
{
    /// <summary>Registers work. It is dropped when the command fails, and does not see the request's cancellation.</summary>
    void Do(Func<Task> work);
}

/// <summary>What the running command has registered for the time around its commit.</summary>
internal sealed class AroundCommit : IBeforeCommit, IAfterCommit
{
    private readonly List<Func<CancellationToken, Task>> before = [];
    private readonly List<Func<Task>> after = [];

    void IBeforeCommit.Do(Func<CancellationToken, Task> work)
    {
        if (!before.Contains(work))
        {
            before.Add(work);
        }
    }

    void IAfterCommit.Do(Func<Task> work) => after.Add(work);

    public async Task RunBeforeAsync(CancellationToken ct)
    {
        foreach (var work in before)
        {
            await work(ct);
        }
    }

    public async Task RunAfterAsync()
    {
        foreach (var work in after)
        {
            await work();
        }

        Forget();
    }

    public void Forget()
    {
        before.Clear();
        after.Clear();
    }
}
