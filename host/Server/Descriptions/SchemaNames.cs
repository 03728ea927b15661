using System.Collections.Concurrent;

namespace Modular.Host.Server.Descriptions;

/// <summary>Schemas are named by what they are, not by the class that carries them: two slices' Input must not become one.</summary>
internal static class SchemaNames
{
    private static readonly (string Suffix, string Instead)[] suffixes = [("Answer", ""), ("Body", ""), ("Input", "Request")];

    private static readonly ConcurrentDictionary<string, Type> named = [];

    /// <summary>Null for what is described where it stands: lists, scalars, free JSON.</summary>
    /// <exception cref="InvalidOperationException">Another type has the name already.</exception>
    internal static string? Of(Type type)
    {
        if (type.Namespace?.StartsWith("Modular.", StringComparison.Ordinal) != true || type.IsGenericType)
        {
            return null;
        }

        var name = NameOf(type);
        return named.GetOrAdd(name, type) == type
            ? name
            : throw new InvalidOperationException($"{type} and {named[name]} would both be the schema {name}.");
    }

    private static string NameOf(Type type)
    {
        if (type is { DeclaringType: { } slice, Name: "Input" or "Response" })
        {
            return slice.Name + (type.Name == "Input" ? "Request" : "Response");
        }

        var (suffix, instead) = suffixes.FirstOrDefault(known => type.Name.EndsWith(known.Suffix, StringComparison.Ordinal));
        return suffix is null ? type.Name : type.Name[..^suffix.Length] + instead;
    }
}
