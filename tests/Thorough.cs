namespace Modular.Testing;

/// <summary>
/// How often a test repeats what only chance brings about. A hundred times finds what is broken; all of them, which take minutes, are for
/// <c>./test --thorough</c>. The only place that reads its variable.
/// </summary>
internal static class Thorough
{
    private static readonly bool isAskedFor = Environment.GetEnvironmentVariable("MODULAR_THOROUGH") is "1";

    internal static int Times(int all, int byDefault) => isAskedFor ? all : byDefault;
}
