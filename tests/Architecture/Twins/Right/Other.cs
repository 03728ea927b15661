using Modular.Architecture.Twins.Left;

namespace Modular.Architecture.Twins.Right;

/// <summary>The other half.</summary>
internal sealed class Other
{
    internal One? One { get; init; }
}
