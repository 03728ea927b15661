using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Modular.SharedKernel.Json;

/// <summary>
/// On a type whose JSON members are declared elsewhere than in its properties. What is read and written and the API description follow it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class JsonMembersAttribute : Attribute
{
    /// <summary>Adds the members of the type that the attribute stands on.</summary>
    public abstract void AddTo(JsonTypeInfo type);

    /// <summary>Adds the members that a type declares so, if it does.</summary>
    public static void AddDeclared(JsonTypeInfo type) => type.Type.GetCustomAttribute<JsonMembersAttribute>()?.AddTo(type);
}
