using Modular.Tests.Architecture.Twins.Left;

namespace Modular.Tests.Architecture.Twins.Right;

/// <summary>The other half.</summary>
internal sealed class Other
{
    internal One? One { get; init; }
}
