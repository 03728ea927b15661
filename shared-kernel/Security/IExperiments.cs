namespace Modular.SharedKernel.Security;

/// <summary>The gate that a request to an experiment has passed; among the request's features.</summary>
public interface IExperimentGate
{
    /// <summary>Whether the request would pass it at this moment too.</summary>
    Task<bool> IsStillOpenAsync();
}

/// <summary>Which experiments are on for the caller of the running request.</summary>
public interface IExperiments
{
    /// <summary>Whether it is on for the caller; the answer stays the same for the whole request.</summary>
    ValueTask<bool> IsOnAsync(string featureFlag);
}
