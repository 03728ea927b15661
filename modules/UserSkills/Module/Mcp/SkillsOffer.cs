using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Modular.SharedKernel.Mcp;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Mcp;

/// <summary>
/// A user's skills for agents, beside the tools: each is a prompt, which clients show in the menu behind a slash, and a resource with the
/// raw file; those that keep to the open format are published by the protocol's extension for skills too.
/// </summary>
internal sealed class SkillsOffer(AgentSkills skills) : IMcpOffer
{
    private const string Prefix = "skill://personal/";
    private const string Suffix = "/SKILL.md";
    private const string NameArgument = "name";
    private const string MediaType = "text/markdown";

    /// <summary>Whole files are read for a page of entries.</summary>
    private const int PageSize = 25;

    public string Instructions =>
        "The user keeps skills here: instructions for tasks. list_skills says which there are; load one with read_skill before you follow it.";

    public IReadOnlyDictionary<string, object> Extensions =>
        new Dictionary<string, object> { ["io.modelcontextprotocol/skills"] = new JsonObject() };

    public IReadOnlyDictionary<string, McpMethod> Methods => new Dictionary<string, McpMethod>
    {
        ["skills/list"] = ListPublishedAsync,
        ["skills/get"] = GetPublishedAsync,
    };

    public IReadOnlyList<ResourceTemplate> ResourceTemplates =>
    [
        new ResourceTemplate
        {
            UriTemplate = $"{Prefix}{{{NameArgument}}}{Suffix}",
            Name = "personal-skill",
            Title = "Personal skill",
            Description = "The SKILL.md of a personal skill, as it is stored.",
            MimeType = MediaType,
        },
    ];

    public async Task<IReadOnlyList<Prompt>> ListPromptsAsync(CancellationToken ct) =>
        [.. (await skills.ListAsync(ct)).Select(skill => new Prompt { Name = skill.Name, Description = OrNone(skill.Description) })];

    public async Task<GetPromptResult?> GetPromptAsync(string name, CancellationToken ct) =>
        await skills.FileAsync(name, ct) is { } found && SkillFile.Parse(found.Content, out _) is { } file
            ? new GetPromptResult
            {
                Description = OrNone(found.Description),
                Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = file.Body } }],
            }
            : null;

    public async Task<IReadOnlyList<Resource>> ListResourcesAsync(CancellationToken ct) =>
    [
        .. (await skills.ListAsync(ct)).Select(skill => new Resource
        {
            Uri = UriOf(skill.Name),
            Name = skill.Name,
            Description = OrNone(skill.Description),
            MimeType = MediaType,
        }),
    ];

    public async Task<ReadResourceResult?> ReadAsync(string uri, CancellationToken ct) =>
        NameIn(uri) is { } name && await skills.FileAsync(name, ct) is { } found
            ? new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, MimeType = MediaType, Text = found.Content }] }
            : null;

    public async Task<IReadOnlyList<string>?> CompleteAsync(Reference reference, Argument argument, CancellationToken ct)
    {
        var names = (await skills.ListAsync(ct)).Select(skill => skill.Name).ToList();
        return reference switch
        {
            ResourceTemplateReference { Uri: var template } when template == ResourceTemplates[0].UriTemplate && argument.Name == NameArgument => Matching(),
            PromptReference { Name: var prompt } when names.Contains(prompt) => Matching(),
            _ => null,
        };

        IReadOnlyList<string> Matching() => [.. names.Where(name => name.StartsWith(argument.Value, StringComparison.Ordinal))];
    }

    private static string UriOf(string name) => Prefix + name + Suffix;

    private static string? NameIn(string uri) =>
        uri.StartsWith(Prefix, StringComparison.Ordinal) && uri.EndsWith(Suffix, StringComparison.Ordinal) && uri.Length > Prefix.Length + Suffix.Length
            ? uri[Prefix.Length..^Suffix.Length]
            : null;

    private static string? OrNone(string description) => description.Length == 0 ? null : description;

    /// <summary>The cursor is the last name that has been looked at.</summary>
    private async Task<JsonObject> ListPublishedAsync(JsonObject? parameters, CancellationToken ct)
    {
        var files = await skills.FilesAsync(after: TextOf(parameters, "cursor") ?? "", PageSize + 1, ct);
        var page = files.Take(PageSize).ToList();
        var result = Fresh();
        result["skills"] = new JsonArray(
        [
            .. page.Select(file => (file.Name, Published: PublishedSkill.Of(file.Name, file.Content)))
                .Where(skill => skill.Published is not null)
                .Select(skill => Entry(skill.Name, skill.Published!)),
        ]);
        if (files.Count > PageSize)
        {
            result["nextCursor"] = page[^1].Name;
        }

        return result;
    }

    private async Task<JsonObject> GetPublishedAsync(JsonObject? parameters, CancellationToken ct)
    {
        if (NameIn(TextOf(parameters, "uri") ?? "") is not { } name || await skills.FileAsync(name, ct) is not { } found)
        {
            throw new McpProtocolException("There is no skill at this 'uri'.", McpErrorCode.InvalidParams);
        }

        var result = Fresh();
        result["skill"] = Entry(name, PublishedSkill.Of(name, found.Content) ?? throw new McpProtocolException(
            "This skill does not keep to the open Agent Skills format: that wants a name of at most 64 characters, a description of 1 to 1024, and "
                + "texts in 'metadata'. Its file can still be read as a resource.",
            McpErrorCode.InvalidParams));
        return result;
    }

    private static JsonObject Fresh() => new() { ["resultType"] = "complete", ["ttlMs"] = 0, ["cacheScope"] = "private" };

    private static JsonObject Entry(string name, PublishedSkill skill) => new()
    {
        ["uri"] = UriOf(name),
        ["frontmatter"] = skill.Frontmatter,
        ["resources"] = new JsonArray(new JsonObject { ["uri"] = UriOf(name), ["digest"] = skill.Digest, ["size"] = skill.Size }),
    };

    private static string? TextOf(JsonObject? parameters, string name) =>
        parameters?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
