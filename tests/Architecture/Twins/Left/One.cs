using Modular.Tests.Architecture.Twins.Right;

namespace Modular.Tests.Architecture.Twins.Left;

/// <summary>Half of a circle of folders, for the test that finds it.</summary>
internal sealed class One
{
    internal Other? Other { get; init; }
}
