using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Modular.Preferences.Domain;
using Modular.SharedKernel.Json;

namespace Modular.Preferences.Features;

/// <summary>The JSON members of a request or an answer are the fields of a group.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FieldsOfAttribute(string group) : JsonMembersAttribute
{
    public string Group => group;

    public override void AddTo(JsonTypeInfo type)
    {
        foreach (var field in UserSettings.Group(group).Fields)
        {
            type.Properties.Add(typeof(SentSettings).IsAssignableFrom(type.Type) ? Sent(type, field) : Shown(type, field));
        }
    }

    private static JsonPropertyInfo Shown(JsonTypeInfo type, SettingField field)
    {
        var member = type.CreateJsonPropertyInfo(field.IsBoolean ? typeof(bool) : typeof(string), field.Name);
        member.Get = answer => ((SettingsAnswer)answer).Shown.Values[field.Name];
        member.IsGetNullable = false;
        return member;
    }

    private static JsonPropertyInfo Sent(JsonTypeInfo type, SettingField field)
    {
        var member = type.CreateJsonPropertyInfo(field.IsBoolean ? typeof(bool?) : typeof(string), field.Name);
        member.Set = (input, value) => ((SentSettings)input)[field.Name] = value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            _ => (string)value,
        };
        if (field.IsRequired(new SentSettings()))
        {
            member.AttributeProvider = Required.Instance; // For the API description. The serializer's own rule would refuse without naming the field.
        }

        return member;
    }

    private sealed class Required : ICustomAttributeProvider
    {
        internal static readonly Required Instance = new();

        private static readonly object[] attributes = [new RequiredAttribute()];

        public object[] GetCustomAttributes(bool inherit) => attributes;

        public object[] GetCustomAttributes(Type attributeType, bool inherit) =>
            IsDefined(attributeType, inherit) ? attributes : (object[])Array.CreateInstance(attributeType, 0);

        public bool IsDefined(Type attributeType, bool inherit) => attributeType.IsAssignableFrom(typeof(RequiredAttribute));
    }
}
