namespace Modular.Preferences.Domain;

/// <summary>A value that a user gave a template's parameter last, as a client recorded it.</summary>
internal sealed class AutofillValue
{
    public Guid UserId { get; init; }

    public Guid TemplateId { get; init; }

    public string Name { get; init; } = "";

    public string Value { get; init; } = "";
}
