namespace Modular.Host.Experiments;

/// <summary>Endpoint metadata: the route is an experiment's.</summary>
internal sealed record RouteOfExperiment(string FeatureFlag);
