namespace Modular.Users.SignIn.Domain;

/// <summary>The password of an account that is to be made, judged and hashed before the transaction.</summary>
/// <param name="Hash">Null where there is none, or it is refused.</param>
/// <param name="Refusal">Said at the step at which the password is judged.</param>
internal sealed record NewPassword(string? Hash, Error? Refusal)
{
    internal static readonly NewPassword None = new(null, null);

    internal static async Task<NewPassword> OfAsync(string password, string username, string email, PasswordHasher hasher, CancellationToken ct) =>
        PasswordRules.Problem(password, username, email) is { } problem
            ? new NewPassword(null, Error.InvalidField("password", problem))
            : new NewPassword(await hasher.HashAsync(password, ct), null);

    /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
    public override string ToString() => nameof(NewPassword);
}
