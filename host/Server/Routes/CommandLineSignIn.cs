using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Carter;
using Modular.SharedKernel.Web;

namespace Modular.Host.Server.Routes;

/// <summary>
/// The page that a command line opens in the browser. It lets its user sign in, if that has not happened yet, and then shows a session key
/// to paste. The page itself holds no secret: its script asks the API, so that the key is made by a POST with all its rules.
/// </summary>
internal static partial class CommandLineSignIn
{
    private static readonly string page = Read();

    /// <summary>Only the page's own script and style run, and it talks to this server alone.</summary>
    private static readonly string policy = string.Join(
        "; ",
        "default-src 'none'",
        $"script-src '{HashOf(Script())}'",
        $"style-src '{HashOf(Style())}'",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'");

    internal sealed class Route : ICarterModule
    {
        public void AddRoutes(IEndpointRouteBuilder app) => app
            .MapGet("/cli-auth", (HttpResponse response) =>
            {
                response.Headers.ContentSecurityPolicy = policy;
                return Results.Text(page, "text/html; charset=utf-8");
            })
            .AllowsAnonymous()
            .ExcludeFromDescription();
    }

    private static string Read()
    {
        using var stream = typeof(CommandLineSignIn).Assembly.GetManifestResourceStream("Modular.Host.Pages.cli-auth.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string HashOf(Regex element) =>
        $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element.Match(page).Groups[1].Value)))}";

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
