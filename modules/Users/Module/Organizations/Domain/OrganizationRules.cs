using System.Text;
using Modular.SharedKernel.Text;
using Modular.Users.People.Domain;

namespace Modular.Users.Organizations.Domain;

/// <summary>What the texts of an organization may be. Each answers null, or which rule is broken and what to do about it.</summary>
internal static class OrganizationRules
{
    private const int MaxDisplayNameBytes = 64;
    private const int MaxTextBytes = 2048;

    internal static string? NameProblem(string value) =>
        value.Length > Username.MaxLength ? $"The name of an organization has at most {Username.MaxLength} characters. Shorten it."
        : !Username.Form().IsMatch(value) ? "The name of an organization consists of letters a to z and digits, in groups joined by single hyphens."
        : value is "new" or "create" || Uuid.TryParse(value, out _) ? "This name is reserved, because addresses read it as something else. Choose another one."
        : null;

    internal static string? DisplayNameProblem(string value) =>
        Encoding.UTF8.GetByteCount(value) > MaxDisplayNameBytes ? $"A display name has at most {MaxDisplayNameBytes} bytes in UTF-8. Shorten it."
        : char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]) ? "A display name neither begins nor ends with white space. Remove it there."
        : null;

    internal static string? TextProblem(string value) =>
        Encoding.UTF8.GetByteCount(value) > MaxTextBytes ? $"This text has at most {MaxTextBytes} bytes in UTF-8. Shorten it." : null;
}
