namespace Modular.UserSkills.Domain;

internal static class SkillErrors
{
    private const string OwnerDeletedDetail = "The user has been deleted. Nothing can be stored for a deleted user.";

    internal static readonly Error NothingToUpdate = Error.Invalid(
        "user_skills.nothing_to_update", "The update changes nothing.", "Send content, enabled, or both.");

    internal static readonly Error ContentMissing = Error.Invalid(
        "user_skills.content", "The skill has no valid content.", "Send the whole SKILL.md as the text 'content'.");

    /// <summary>By the database's own checks, which stand behind those of the file and say no more than that one of them was broken.</summary>
    internal static readonly Error Unfit = ContentMissing with { Detail = "Its name, description or text is longer than is allowed, or of another form." };

    internal static readonly Error OwnerDeletedOnCreate = Error.Conflict(
        "user_skills.owner_deleted", "A skill cannot be created for this user.", OwnerDeletedDetail);

    internal static readonly Error OwnerDeletedOnUpdate = Error.Conflict(
        "user_skills.owner_deleted", "A skill of this user cannot be updated.", OwnerDeletedDetail);

    internal static readonly Error NameTaken = Error.Conflict(
        "user_skills.name_taken",
        "You have a skill with this name already.",
        "Update that skill, or choose another name in the frontmatter.");

    internal static readonly Error TooMany = Error.Conflict(
        "user_skills.too_many",
        "This user has as many skills as a user can have.",
        $"The limit is {Skill.MaxPerUser}, disabled ones included. Delete one first.");

    internal static Error BudgetUsedUp(int bytesPerDay, TimeSpan wait) => new(
        ErrorKind.TooManyRequests,
        "user_skills.budget",
        "Too much has been written to this user's skills today.",
        $"The log and the versions take up to {bytesPerDay} bytes of a user's skills a day. Write on tomorrow (UTC); deleting is always possible.")
    {
        RetryAfter = wait,
    };

    internal static Error NameMismatch(string inPath, string inFile) => Error.Invalid(
        "user_skills.name_mismatch",
        "The name in the path is not the name in the file.",
        $"The path says \"{inPath}\", the frontmatter \"{inFile}\". A skill keeps its name; delete it and create another to rename it.");

    internal static Error Of(SkillFileProblem problem) => problem.Kind switch
    {
        SkillFileProblemKind.TooLarge => Error.Invalid("user_skills.too_large", "The skill is too large.", problem.Detail),
        SkillFileProblemKind.Content => ContentMissing with { Detail = problem.Detail },
        SkillFileProblemKind.Name => Error.Invalid("user_skills.name", "The skill has no valid name.", problem.Detail),
        SkillFileProblemKind.DescriptionTooLarge => Error.Invalid(
            "user_skills.description_too_large", "The skill's description is too large.", problem.Detail),
        SkillFileProblemKind.BodyRequired => Error.Invalid("user_skills.body_required", "The skill has no instructions.", problem.Detail),
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem.Kind, "A problem without an error."),
    };
}
