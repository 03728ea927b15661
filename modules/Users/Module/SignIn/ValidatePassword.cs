using System.ComponentModel.DataAnnotations;
using Modular.Users.People.Domain;
using Modular.Users.SignIn.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.SignIn;

/// <summary>Whether a password would be accepted, asked before there is an account or a session.</summary>
internal static class ValidatePassword
{
    internal sealed record Input
    {
        [Required]
        public string? Password { get; init => field = PasswordRules.Bounded(value); }

        /// <summary>Keeps the record's generated text from showing a secret in a log.</summary>
        public override string ToString() => nameof(ValidatePassword);
    }

    [AnswerExample("""{"valid":false,"details":"This password is too easily guessed. Add a few unrelated words."}""")]
    internal sealed record Response(bool Valid, string Details);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapPost("/api/v2/users/validate-password", async (Body<Input> body, CancellationToken ct) =>
                {
                    var read = await body.ReadAsync(ct);
                    return read.Error is { } error ? Refusal(error)
                        : read.Value.Password is not { Length: > 0 } password ? Refusal(Error.InvalidField("password", "This field is required."))
                        : Json(Judge(PasswordRules.Problem(password)));
                })
                .AllowsAnonymous()
                .LimitedBy(UserLimits.Login)
                .Describe(
                    nameof(ValidatePassword),
                    "Tells whether a password would be accepted, and if not, why",
                    "The rules: at least the operator's length, not among the common ones, not easily guessed. For forms that tell before they send.")
                .Example("""{"password":"SomeSecurePassword!"}""")
                .Answers<Response>().Refuses(400);
    }

    private static Response Judge(string? problem) => new(problem is null, problem ?? "");
}
