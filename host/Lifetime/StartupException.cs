namespace Modular.Host.Lifetime;

/// <summary>The server cannot start. The message is one sentence for the operator, with the remedy.</summary>
internal sealed class StartupException(string message) : Exception(message);
