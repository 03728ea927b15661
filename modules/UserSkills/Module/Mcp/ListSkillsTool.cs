using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Modular.UserSkills.Domain;

namespace Modular.UserSkills.Mcp;

/// <summary>Tells the model which skills there are: the user's, and those that the client has found in its workspace.</summary>
internal sealed class ListSkillsTool : SkillTool
{
    public override Tool ProtocolTool { get; } = Describe(
        "list_skills",
        "List skills",
        "Lists the skills that the user keeps: instructions for tasks, each with a name and a description. Call it before a task that a skill "
            + "might be about, then load the skill with read_skill.",
        $$"""
        { "type": "object", "properties": { "workspace_skills": {{WorkspaceSkillsSchema}} } }
        """,
        """
        {
          "type": "object",
          "properties": {
            "skills": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "name": { "type": "string" },
                  "description": { "type": "string" },
                  "source": { "type": "string", "enum": ["personal", "workspace"] },
                  "alias": { "type": "string", "description": "What read_skill takes." }
                },
                "required": ["name", "description", "source", "alias"]
              }
            },
            "text": { "type": "string", "description": "The same for a model's context; empty where there are no skills." }
          },
          "required": ["skills", "text"]
        }
        """);

    protected override async Task<CallToolResult> AnswerAsync(
        AgentSkills skills, string? asked, IReadOnlyList<(string Name, string Description)> workspace, CancellationToken ct)
    {
        var all = SkillResolver.Merge(await skills.ListAsync(ct), workspace);
        return Success(new JsonObject
        {
            ["skills"] = new JsonArray(
            [
                .. all.Select(skill => new JsonObject
                {
                    ["name"] = skill.Name,
                    ["description"] = skill.Description,
                    ["source"] = SkillResolver.SourceName(skill.Source),
                    ["alias"] = skill.Alias,
                }),
            ]),
            ["text"] = SkillCatalogue.Text([.. all.Select(skill => new CatalogueEntry(skill.Alias, skill.Description, skill.Source))]),
        });
    }
}
