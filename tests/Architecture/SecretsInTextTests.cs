using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Modular.Tests.Architecture;

/// <summary>
/// A record writes all its members when it is written as text, and a line of a log is soon written. Whatever record has a secret among its
/// members must write something else.
/// </summary>
public sealed partial class SecretsInTextTests
{
    private const string Canary = "canary-that-nobody-may-read";

    public static TheoryData<string> Records => [.. RecordsWithSecrets(Solution.ModuleAssemblies.Append(Solution.Host).Append(Solution.Kernel)).Select(type => type.AssemblyQualifiedName!)];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_with_a_secret_does_not_write_it(string record) => Assert.DoesNotContain(Canary, Written(Type.GetType(record)!), StringComparison.Ordinal);

    [Fact]
    public void A_record_that_writes_its_secret_is_found()
    {
        Assert.Equal([typeof(Careless)], RecordsWithSecrets([typeof(Careless).Assembly]));
        Assert.Contains(Canary, Written(typeof(Careless)), StringComparison.Ordinal);
    }

    private static string Written(Type type)
    {
        var record = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in SecretFields(type))
        {
            field.SetValue(record, Canary);
        }

        return record.ToString()!;
    }

    private static IEnumerable<Type> RecordsWithSecrets(IEnumerable<Assembly> assemblies) => assemblies
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsAbstract: false, ContainsGenericParameters: false } && IsRecord(type) && SecretFields(type).Any());

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(System.Text.StringBuilder)]) is not null;

    private static IEnumerable<FieldInfo> SecretFields(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
        .Where(field => field.FieldType == typeof(string) && Secret().IsMatch(field.Name));

    /// <summary>Names of members that hold what only its owner may know.</summary>
    [GeneratedRegex("^<?(.*(password|passcode|secret|privatekey|hash)|(setup|session)token)>?(k__BackingField)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    private sealed record Careless(string Name, string Password);
}
