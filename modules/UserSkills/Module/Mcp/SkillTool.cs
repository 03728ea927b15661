using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Mcp;

/// <summary>
/// A tool for the model. Whatever goes wrong is an answer that the model can read and act on, never a failure of the protocol, and
/// never shows what is inside.
/// </summary>
internal abstract partial class SkillTool : McpServerTool
{
    /// <summary>The schema of the argument that both tools have.</summary>
    protected const string WorkspaceSkillsSchema =
        """
        {
          "type": "array",
          "description": "The skills found in the workspace, if there is one: they are told apart from the user's personal skills.",
          "items": {
            "type": "object",
            "properties": { "name": { "type": "string" }, "description": { "type": "string" } },
            "required": ["name"]
          }
        }
        """;

    private const string WorkspaceSkills = "workspace_skills";
    private const string Name = "name";

    /// <summary>More than any workspace has: each of them comes back in the answer, several times.</summary>
    private const int MaxWorkspaceSkills = 200;

    private const int MaxWorkspaceBytes = 64 * 1024;

    /// <summary>A name, with the prefix that tells it from another one's.</summary>
    private const int MaxAskedLength = 2 * SkillFile.MaxNameBytes;

    private const string Description = "description";

    /// <summary>The text is for people and models, not for pages: no character of theirs needs an escape.</summary>
    private static readonly JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var services = request.Services!;
        var skills = services.GetRequiredService<AgentSkills>();
        var asked = Text(request.Params.Arguments, Name);
        try
        {
            return asked is { Length: > MaxAskedLength } ? Failure("There is no skill with so long a name. list_skills gives the names of those that there are.")
                : WorkspaceIn(request.Params.Arguments, out var workspace) is { } problem
                ? Failure(problem)
                : await AnswerAsync(skills, asked, workspace, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            NotAnswered(services.GetRequiredService<ILogger<SkillTool>>(), failure, ProtocolTool.Name, skills.UserId, asked ?? "");
            return Failure(asked is null ? "The skills cannot be read at the moment. Try again later." : CannotBeRead(asked));
        }
    }

    protected abstract Task<CallToolResult> AnswerAsync(
        AgentSkills skills, string? asked, IReadOnlyList<(string Name, string Description)> workspace, CancellationToken ct);

    /// <summary>The answer in its own form, and as a text for clients that know no other.</summary>
    protected static CallToolResult Success(JsonObject answer, string? text = null) => new()
    {
        Content = [new TextContentBlock { Text = text ?? answer.ToJsonString(plain) }],
        StructuredContent = JsonSerializer.SerializeToElement(answer),
    };

    protected static CallToolResult Failure(string problem) => new() { IsError = true, Content = [new TextContentBlock { Text = problem }] };

    protected static string CannotBeRead(string name) => $"The skill \"{name}\" cannot be read at the moment. Try again later.";

    protected static Tool Describe(string name, string title, string description, string input, string output) => new()
    {
        Name = name,
        Title = title,
        Description = description,
        InputSchema = JsonElement.Parse(input),
        OutputSchema = JsonElement.Parse(output),
        Annotations = new ToolAnnotations { Title = title, ReadOnlyHint = true, DestructiveHint = false, IdempotentHint = true, OpenWorldHint = false },
    };

    private static string? Text(IDictionary<string, JsonElement>? arguments, string name) =>
        arguments is not null && arguments.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What the client says it has found; a sentence, when it cannot be that.</summary>
    private static string? WorkspaceIn(IDictionary<string, JsonElement>? arguments, out IReadOnlyList<(string Name, string Description)> skills)
    {
        var found = new List<(string, string)>();
        skills = found;
        if (arguments is null || !arguments.TryGetValue(WorkspaceSkills, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            return $"'{WorkspaceSkills}' must be a list of objects with a name and, if they have one, a description.";
        }

        if (list.GetArrayLength() > MaxWorkspaceSkills)
        {
            return $"'{WorkspaceSkills}' has {list.GetArrayLength()} entries; give at most {MaxWorkspaceSkills}.";
        }

        var bytes = 0;
        foreach (var skill in list.EnumerateArray())
        {
            if (skill.ValueKind != JsonValueKind.Object
                || !skill.TryGetProperty(Name, out var name)
                || name.ValueKind != JsonValueKind.String
                || !SkillFile.IsName(name.GetString()!))
            {
                return $"Entry {found.Count + 1} of '{WorkspaceSkills}' has no valid name: lower-case letters and digits in groups joined by single hyphens.";
            }

            var said = skill.TryGetProperty(Description, out var description) && description.ValueKind == JsonValueKind.String ? description.GetString()! : "";
            if (Encoding.UTF8.GetByteCount(said) > SkillFile.MaxDescriptionBytes)
            {
                return $"Entry {found.Count + 1} of '{WorkspaceSkills}' has a description of more than {SkillFile.MaxDescriptionBytes} bytes.";
            }

            found.Add((name.GetString()!, said));
            if ((bytes += Encoding.UTF8.GetByteCount(said)) > MaxWorkspaceBytes)
            {
                return $"The descriptions of '{WorkspaceSkills}' have more than {MaxWorkspaceBytes} bytes; shorten them.";
            }
        }

        return null;
    }

    [LoggerMessage(LogLevel.Error, "The tool {Tool} could not answer user {UserId} about the skill '{Skill}'.")]
    private static partial void NotAnswered(ILogger logger, Exception failure, string tool, Guid userId, string skill);
}
