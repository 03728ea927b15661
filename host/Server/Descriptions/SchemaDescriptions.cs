using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Descriptions;

/// <summary>Gives schemas what the types' own converters do on the wire, and which members are always there.</summary>
internal static class SchemaDescriptions
{
    internal static async Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonTypeInfo.ElementType?.GetCustomAttribute<WrittenAsAttribute>() is { } written)
        {
            schema.Items = await context.GetOrCreateSchemaAsync(written.Type, null, ct);
        }
        else if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            RequireMembers(schema, context.JsonTypeInfo);
        }
    }

    /// <summary>
    /// What is read names its required members itself, and null is there as good as nothing. What is written has every member but
    /// those that are left out when they are empty.
    /// </summary>
    private static void RequireMembers(OpenApiSchema schema, JsonTypeInfo type)
    {
        var isRead = type.CreateObject is not null;
        foreach (var member in type.Properties.Where(member => schema.Properties?.ContainsKey(member.Name) == true))
        {
            var isLeftOut = Has<JsonIgnoreAttribute>(member);
            var isRequired = isRead ? Has<RequiredAttribute>(member) : !isLeftOut;
            schema.Required ??= new HashSet<string>();
            if (isRequired)
            {
                schema.Required.Add(member.Name);
            }
            else
            {
                schema.Required.Remove(member.Name);
            }

            if ((isLeftOut || (isRead ? isRequired : !member.IsGetNullable)) && schema.Properties![member.Name] is OpenApiSchema described)
            {
                described.Type &= ~JsonSchemaType.Null;
            }
        }
    }

    private static bool Has<T>(JsonPropertyInfo member)
        where T : Attribute => member.AttributeProvider?.IsDefined(typeof(T), inherit: true) == true;
}
