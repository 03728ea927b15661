using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using Assembly = System.Reflection.Assembly;

namespace Modular.Tests.Architecture;

/// <summary>Folders, which are namespaces, refer to each other in one direction, so that a part can be read without the whole.</summary>
public sealed class NamespaceCircleTests
{
    public static TheoryData<string> Assemblies =>
        [.. ((Assembly[])[Solution.Kernel, Solution.Host, .. Solution.Contracts, .. Solution.ModuleAssemblies]).Select(assembly => assembly.GetName().Name!)];

    [Theory, MemberData(nameof(Assemblies))]
    public void Folders_form_no_circle(string assembly)
    {
        var circle = string.Join("\n", Circle(TypesOf(assembly)));
        Assert.True(circle.Length == 0, circle);
    }

    [Fact]
    public void Twin_a_circle_is_found()
    {
        var types = TypesOf(typeof(NamespaceCircleTests).Assembly.GetName().Name!);

        Assert.Equal(2, Circle(types).Count());
    }

    private static List<IType> TypesOf(string assembly) => [.. Solution.Loaded.Types.Where(type =>
        type.Namespace is not null && type.Assembly.Name.Split(',')[0] == assembly && !type.Namespace.FullName.EndsWith(".Migrations", StringComparison.Ordinal))];

    /// <summary>The arrows from which a way leads back.</summary>
    private static IEnumerable<string> Circle(IReadOnlyCollection<IType> types)
    {
        var inside = types.ToHashSet();
        var uses = types
            .SelectMany(type => type.GetTypeDependencies().Where(inside.Contains).Select(used => (From: type, To: used)))
            .Where(use => use.From.Namespace.FullName != use.To.Namespace.FullName)
            .ToLookup(use => (From: use.From.Namespace.FullName, To: use.To.Namespace.FullName), use => $"{use.From.Name} uses {use.To.Name}");
        var arrows = uses.ToLookup(use => use.Key.From, use => use.Key.To);
        return uses
            .Where(use => Reaches(use.Key.To, use.Key.From, arrows))
            .Select(use => $"{use.Key.From} -> {use.Key.To}: {string.Join(", ", use.Distinct())}");
    }

    private static bool Reaches(string from, string to, ILookup<string, string> arrows)
    {
        var seen = new HashSet<string>();
        var next = new Stack<string>([from]);
        while (next.TryPop(out var here))
        {
            if (here == to)
            {
                return true;
            }

            if (seen.Add(here))
            {
                foreach (var there in arrows[here])
                {
                    next.Push(there);
                }
            }
        }

        return false;
    }
}
