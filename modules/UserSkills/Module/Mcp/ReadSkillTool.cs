using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Mcp;

/// <summary>Gives the model a skill's instructions, without what is only for people who edit it.</summary>
internal sealed class ReadSkillTool : SkillTool
{
    public override Tool ProtocolTool { get; } = Describe(
        "read_skill",
        "Read a skill",
        "Loads the full instructions of a skill. Call it before you follow the skill, with the name that list_skills gives.",
        $$"""
        {
          "type": "object",
          "properties": {
            "name": { "type": "string", "description": "As list_skills gives it, with its prefix where it has one." },
            "workspace_skills": {{WorkspaceSkillsSchema}}
          },
          "required": ["name"]
        }
        """,
        """
        {
          "type": "object",
          "properties": {
            "name": { "type": "string", "description": "As it was asked for." },
            "body": { "type": "string", "description": "The instructions. Absent for a skill of the workspace." },
            "files": { "type": "array", "items": { "type": "string" }, "description": "A personal skill has none." },
            "source": { "type": "string", "const": "workspace", "description": "There for a skill of the workspace: it is read there." }
          },
          "required": ["name"]
        }
        """);

    protected override async Task<CallToolResult> AnswerAsync(
        AgentSkills skills, string? asked, IReadOnlyList<(string Name, string Description)> workspace, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(asked))
        {
            return Failure("A 'name' is required: that of a skill, as list_skills gives it.");
        }

        switch (SkillResolver.Find(SkillResolver.Merge(await skills.ListAsync(ct), workspace), asked))
        {
            case []:
                return NotFound(asked);
            case [{ Source: SkillSource.Workspace, Name: var name }]:
                return Success(
                    new JsonObject { ["name"] = asked, ["source"] = SkillResolver.SourceName(SkillSource.Workspace) },
                    $"The skill \"{name}\" is kept in the workspace, and its instructions with it. Read its SKILL.md there.");
            case [{ Name: var name }]:
                if (await skills.FileAsync(name, ct) is not { Content: var content })
                {
                    return NotFound(asked); // Deleted a moment ago.
                }

                return SkillFile.Parse(content, out _) is { } file
                    ? Success(new JsonObject { ["name"] = asked, ["body"] = file.Body, ["files"] = new JsonArray() })
                    : Failure(CannotBeRead(asked));
            case var several:
                return Failure($"\"{asked}\" is the name of several skills. Ask for one of: {string.Join(", ", several.Select(skill => skill.QualifiedName))}");
        }
    }

    private static CallToolResult NotFound(string asked) => Failure($"There is no skill \"{asked}\". list_skills gives the names of those that there are.");
}
