using System.Text.Json.Serialization;
using Modular.Users.People.Domain;
using static Modular.SharedKernel.Web.ResultHttp;

namespace Modular.Users.SignIn;

/// <summary>The ways of logging in that are enabled.</summary>
internal static class ListAuthMethods
{
    [AnswerExample(
        """
        {"password":{"enabled":true},"github":{"enabled":false,"default_provider_configured":false},
        "oidc":{"enabled":false,"signInText":"OpenID Connect","iconUrl":""},"oidc_providers":[]}
        """)]
    internal sealed record Response(PasswordMethod Password, GitHubMethod Github, OidcMethod Oidc, IReadOnlyList<string> OidcProviders);

    internal sealed record PasswordMethod(bool Enabled);

    internal sealed record GitHubMethod(bool Enabled, bool DefaultProviderConfigured);

    /// <summary>Two names are camel case on the wire.</summary>
    internal sealed record OidcMethod(
        bool Enabled,
        [property: JsonPropertyName("signInText")] string SignInText,
        [property: JsonPropertyName("iconUrl")] string IconUrl);

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) =>
            app.MapGet("/api/v2/users/authmethods", (UserSettings settings) => Json(new Response(
                        new PasswordMethod(!settings.PasswordLoginDisabled),
                        new GitHubMethod(Enabled: false, DefaultProviderConfigured: false),
                        new OidcMethod(Enabled: false, "OpenID Connect", ""),
                        [])))
                .AllowsAnonymous()
                .Describe(
                    nameof(ListAuthMethods),
                    "Lists the ways of logging in that are enabled",
                    "For login pages and clients, before anybody is logged in.")
                .Answers<Response>();
    }
}
