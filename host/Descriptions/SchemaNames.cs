namespace Modular.Host.Descriptions;

/// <summary>Schemas are named by what they are, not by the class that carries them: two slices' Input must not become one.</summary>
internal static class SchemaNames
{
    private const string Suffix = "Answer";

    /// <summary>Null where the framework's own choice is right: lists, scalars.</summary>
    internal static string? Of(Type type)
    {
        if (type.Namespace?.StartsWith("Modular.", StringComparison.Ordinal) != true || type.IsGenericType)
        {
            return null;
        }

        return type switch
        {
            { DeclaringType: { } slice, Name: "Input" } => $"{slice.Name}Request",
            { DeclaringType: { } slice, Name: "Response" or "Answer" } => $"{slice.Name}Response",
            { Name: var name } when name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length => name[..^Suffix.Length],
            _ => type.Name,
        };
    }
}
