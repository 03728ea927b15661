namespace Modular.Host.Persistence;

/// <summary>The one row that tells this deployment from others, over restarts and for all of its servers.</summary>
internal sealed class Deployment
{
    private Deployment()
    {
    }

    public Guid Id { get; private set; }

    /// <summary>Always true, and unique: there is no second row.</summary>
    public bool Singleton { get; private set; }
}
