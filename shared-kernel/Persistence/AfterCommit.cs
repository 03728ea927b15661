namespace Modular.SharedKernel.Persistence;

/// <summary>Work that a command wants done once its change is committed and before it answers, such as dropping a cache entry.</summary>
public interface IAfterCommit
{
    /// <summary>Registers work. It is dropped when the command fails, and does not see the request's cancellation.</summary>
    void Do(Func<Task> work);
}

internal sealed class AfterCommit : IAfterCommit
{
    private readonly List<Func<Task>> registered = [];

    public void Do(Func<Task> work) => registered.Add(work);

    public async Task RunAsync()
    {
        foreach (var work in registered)
        {
            await work();
        }

        registered.Clear();
    }

    public void Forget() => registered.Clear();
}
