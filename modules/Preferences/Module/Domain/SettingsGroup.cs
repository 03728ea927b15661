namespace Modular.Preferences.Domain;

/// <summary>Settings that are read and changed together.</summary>
/// <param name="Name">The last part of their route.</param>
/// <param name="Table">Where they are stored: a row for each user who has made one of them.</param>
/// <param name="TellsAllProblems">Whether a refusal tells every wrong field, or the first one alone.</param>
internal sealed record SettingsGroup(string Name, string Table, bool TellsAllProblems)
{
    /// <summary>In the order of the answers, which is the one in which they are judged.</summary>
    internal required IReadOnlyList<SettingField> Fields { get; init; }

    /// <summary>The refusal of what breaks a rule of a field; null where nothing does.</summary>
    internal Error? FindError(SentSettings sent)
    {
        var problems = Problems(sent, field => !field.IsComparedLast);
        if (problems.Count == 0)
        {
            problems = Problems(sent, field => field.IsComparedLast);
        }

        return problems.Count == 0 ? null : Error.InvalidFields(TellsAllProblems ? problems : [problems[0]]);
    }

    private List<Validation> Problems(SentSettings sent, Predicate<SettingField> areCompared) =>
    [
        .. from field in Fields
           let value = sent[field.Name]
           let problem = value.Length > 0
               ? areCompared(field) ? field.Problem(value) : null
               : field.IsRequired(sent) ? "This field is required." : null
           where problem is not null
           select new Validation(field.Name, problem),
    ];
}
