using System.Text.Json.Serialization;

namespace Modular.Audit.Domain;

/// <summary>A changed field as it is stored and shown: null sides are left out.</summary>
internal sealed record DiffField(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Old,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? New,
    bool Secret)
{
    internal static DiffField Of(AuditChange change) => new(change.Old, change.New, change.Secret);
}
