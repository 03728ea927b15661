using FluentValidation;
using Modular.Users.Organizations.Domain;

namespace Modular.Users.Organizations;

/// <summary>What is said of an organization. To a change, what is absent stays.</summary>
internal sealed record OrganizationInput
{
    public string? Name { get; init; }

    public string? DisplayName { get; init; }

    public string? Description { get; init; }

    public string? Icon { get; init; }

    /// <summary>A name that is sent must not be empty; a use case that needs one makes the absent one empty.</summary>
    internal sealed class Rules : AbstractValidator<OrganizationInput>
    {
        public Rules()
        {
            RuleFor(o => o.Name).IsRequired().When(o => o.Name is not null);
            RuleFor(o => o.Name).Obeys(OrganizationRules.NameProblem);
            RuleFor(o => o.DisplayName).Obeys(OrganizationRules.DisplayNameProblem);
            RuleFor(o => o.Description).Obeys(OrganizationRules.TextProblem);
            RuleFor(o => o.Icon).Obeys(OrganizationRules.TextProblem);
        }
    }
}
