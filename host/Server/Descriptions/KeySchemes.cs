using Microsoft.OpenApi;

namespace Modular.Host.Server.Descriptions;

/// <summary>The ways in which a key is presented.</summary>
internal static class KeySchemes
{
    private static readonly (string Name, OpenApiSecurityScheme Scheme)[] all =
    [
        ("session_token", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Coder-Session-Token",
            Description = "A session's key, or a token.",
        }),
        ("bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The same, as a bearer token." }),
        ("session_cookie", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = "coder_session_token",
            Description = "As login sets it, for browsers. Writes need the key in a header too, or the CSRF token.",
        }),
    ];

    internal static void AddTo(OpenApiDocument document)
    {
        foreach (var (name, scheme) in all)
        {
            document.AddComponent<IOpenApiSecurityScheme>(name, scheme);
        }
    }

    /// <summary>One of them is enough.</summary>
    internal static IList<OpenApiSecurityRequirement> Any(OpenApiDocument document) =>
        [.. all.Select(way => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(way.Name, document)] = [] })];
}
