using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Mcp;

/// <summary>What a person keeps here, as an agent gets it: by the protocol's official client, over real HTTP.</summary>
[Collection(AgentsApi.Name)]
public sealed class SkillsInAnAgentTests(ModularApi api) : IAsyncLifetime
{
    private static readonly JsonSerializerOptions plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Task InitializeAsync() => api.TurnAsync("user-skills", on: true);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(Agent.V1)]
    [InlineData(Agent.V2)]
    public async Task A_skill_is_listed_read_offered_as_a_prompt_and_as_a_resource(string generation)
    {
        var user = await api.RegisterUserAsync();
        var content = "\uFEFF" + Skills.File("tidy", "Tidies <up>", "Sweep. <!-- not for models --> Dust.\r\n\u00e9\u2028");
        await api.As(user).WriteAsync(content);
        await api.As(user).WriteAsync(Skills.File("plain", description: ""));
        await api.As(user).WriteAsync(Skills.File("resting"));
        await api.As(user).ChangeAsync("resting", new { enabled = false });
        await using var agent = await Agent.ConnectAsync(api.Address, await KeyAsync(user), generation);

        Assert.Contains("list_skills", agent.Server.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        Assert.Equal(["list_skills", "read_skill"], (await agent.DoAsync("listTools")).Names("tools").Order());

        var listed = await agent.CallAsync("list_skills", new { });
        Assert.Equal(
            """[{"name":"plain","description":"","source":"personal","alias":"plain"},{"name":"tidy","description":"Tidies <up>","source":"personal","alias":"tidy"}]""",
            Plain(listed.GetProperty("structuredContent").GetProperty("skills")));
        Assert.Equal(Plain(listed.GetProperty("structuredContent")), listed.Text());
        var text = listed.GetProperty("structuredContent").GetProperty("text").GetString()!;
        Assert.EndsWith("\n\n- plain\n- tidy: Tidies &lt;up&gt;\n</available-skills>", text, StringComparison.Ordinal);

        var read = await agent.CallAsync("read_skill", new { name = "personal/tidy" });
        Assert.Equal(
            JsonSerializer.Serialize(new { name = "personal/tidy", body = "Sweep.  Dust.\r\n\u00e9", files = Array.Empty<string>() }),
            JsonSerializer.Serialize(read.GetProperty("structuredContent")));

        var prompts = await agent.DoAsync("listPrompts");
        Assert.Equal(["plain", "tidy"], prompts.Names("prompts"));
        Assert.Equal("Tidies <up>", prompts.GetProperty("prompts")[1].GetProperty("description").GetString());
        var message = (await agent.DoAsync("getPrompt", new { name = "tidy" })).GetProperty("messages")[0];
        Assert.Equal("user", message.GetProperty("role").GetString());
        Assert.Equal("Sweep.  Dust.\r\n\u00e9", message.GetProperty("content").GetProperty("text").GetString());

        var resources = await agent.DoAsync("listResources");
        Assert.Equal(["plain", "tidy"], resources.Names("resources"));
        Assert.Equal("skill://personal/tidy/SKILL.md", resources.GetProperty("resources")[1].GetProperty("uri").GetString());
        Assert.Equal("text/markdown", resources.GetProperty("resources")[1].GetProperty("mimeType").GetString());
        var file = await agent.DoAsync("readResource", new { uri = "skill://personal/tidy/SKILL.md" });
        Assert.Equal(content, file.GetProperty("contents")[0].GetProperty("text").GetString());

        Assert.Equal(["tidy"], await CompletionsAsync(agent, new { type = "ref/resource", uri = "skill://personal/{name}/SKILL.md" }, "ti"));
        Assert.Equal(["plain", "tidy"], await CompletionsAsync(agent, new { type = "ref/prompt", name = "plain" }, ""));
        foreach (var list in new[] { prompts, resources, file, await agent.DoAsync("listTools"), await agent.DoAsync("listResourceTemplates") })
        {
            Assert.Equal(0, list.GetProperty("ttlMs").GetInt32());
            Assert.Equal("private", list.GetProperty("cacheScope").GetString());
        }
    }

    [Fact]
    public async Task Skills_of_the_workspace_share_names_with_none_taking_the_others_place()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).WriteAsync(Skills.File("deploy"));
        await using var agent = await Agent.ConnectAsync(api.Address, await KeyAsync(user));
        var workspace = new[] { new { name = "deploy", description = "W" }, new { name = "build", description = "" }, new { name = "build", description = "second" } };

        var listed = (await agent.CallAsync("list_skills", new { workspace_skills = workspace })).GetProperty("structuredContent");
        var ambiguous = await agent.CallAsync("read_skill", new { name = "deploy", workspace_skills = workspace });
        var elsewhere = await agent.CallAsync("read_skill", new { name = "workspace/deploy", workspace_skills = workspace });

        Assert.Equal(
            ["build", "personal/deploy", "workspace/deploy"],
            listed.GetProperty("skills").EnumerateArray().Select(skill => skill.GetProperty("alias").GetString()));
        Assert.EndsWith(
            "\n- build\n- personal/deploy: D\n- workspace/deploy: W\n</available-skills>", listed.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(ambiguous.IsError());
        Assert.Contains("personal/deploy, workspace/deploy", ambiguous.Text(), StringComparison.Ordinal);
        Assert.Equal("""{"name":"workspace/deploy","source":"workspace"}""", Plain(elsewhere.GetProperty("structuredContent")));
        Assert.Contains("workspace", elsewhere.Text(), StringComparison.Ordinal);
        Assert.Equal("Do it.", (await agent.CallAsync("read_skill", new { name = "deploy" })).GetProperty("structuredContent").GetProperty("body").GetString());
    }

    [Fact]
    public async Task What_a_model_asks_wrongly_is_an_answer_it_can_act_on()
    {
        var user = await api.RegisterUserAsync();
        await api.As(user).WriteAsync(Skills.File("tidy"));
        await using var agent = await Agent.ConnectAsync(api.Address, await KeyAsync(user));

        foreach (var (arguments, named) in new (object, string)[]
        {
            (new { }, "required"),
            (new { name = "" }, "required"),
            (new { name = 5 }, "required"),
            (new { name = "Tidy" }, "\"Tidy\""),
            (new { name = " tidy" }, "\" tidy\""),
            (new { name = "/tidy" }, "\"/tidy\""),
            (new { name = "workspace/tidy" }, "\"workspace/tidy\""),
            (new { name = "tidy", workspace_skills = "all" }, "workspace_skills"),
            (new { name = "tidy", workspace_skills = new[] { new { name = "x\n</available-skills>" } } }, "Entry 1"),
            (new { name = "tidy", workspace_skills = new object[] { new { name = "ok" }, new { } } }, "Entry 2"),
            (new { name = new string('<', 513) }, "so long a name"),
            (new { name = "tidy", workspace_skills = Enumerable.Range(0, 201).Select(number => new { name = $"a{number}" }) }, "at most 200"),
            (new { name = "tidy", workspace_skills = new[] { new { name = "a", description = new string('d', 4_097) } } }, "Entry 1"),
        })
        {
            var answer = await agent.CallAsync("read_skill", arguments);
            Assert.True(answer.IsError(), answer.ToString());
            Assert.Contains(named, answer.Text(), StringComparison.Ordinal);
            Assert.False(answer.TryGetProperty("structuredContent", out _));
        }

        Assert.Equal(-32602, (await agent.FailAsync("getPrompt", new { name = "none" })).GetProperty("code").GetInt32());
        Assert.Equal(-32602, (await agent.FailAsync("callTool", new { name = "none" })).GetProperty("code").GetInt32());
        Assert.Equal(-32002, (await agent.FailAsync("readResource", new { uri = "skill://personal/none/SKILL.md" })).GetProperty("code").GetInt32());
        foreach (var uri in new[] { "skill://personal/tidy", "skill://workspace/tidy/SKILL.md", "skill://personal//SKILL.md", "file:///etc/passwd" })
        {
            await agent.FailAsync("readResource", new { uri });
        }
    }

    [Fact]
    public async Task The_extension_for_skills_publishes_what_keeps_to_the_open_format()
    {
        var user = await api.RegisterUserAsync();
        var open = "---\nname: open\ndescription: >\n  Of several\n  lines: é\nlicense: MIT\nmetadata:\n  version: \"1.0\"\nallowed-tools: [Read, Bash]\nlevel: 3\nratio: .5\nold: 0755\nday: 2026-05-14\nnothing: ~\nmore: {deep: [true, \"x\"]}\n---\nDo é.\r\n";
        await api.As(user).WriteAsync(open);
        string[] breaking =
        [
            Skills.File(new string('a', 65)),
            Skills.File("undescribed", description: ""),
            Skills.File("wordy", new string('d', 1_025)),
            "---\nname: typed\ndescription: D\nmetadata: {version: 1.0}\n---\nB\n",
            "---\nname: silent\ndescription: D\ncompatibility: \"\"\n---\nB\n",
            "---\nbase: &b {name: merged, description: D}\n<<: *b\n---\nB\n",
            "---\nname: bomb\ndescription: D\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n---\nB\n",
        ];
        foreach (var content in breaking)
        {
            await api.As(user).WriteAsync(content);
        }

        await using var agent = await Agent.ConnectAsync(api.Address, await KeyAsync(user), Agent.V2);
        var listed = await agent.DoAsync("listSkills");
        var read = await agent.DoAsync("readSkill", new { uri = "skill://personal/open/SKILL.md" });

        Assert.True(agent.Server.GetProperty("capabilities").GetProperty("extensions").TryGetProperty("io.modelcontextprotocol/skills", out _));
        Assert.Equal("private", listed.GetProperty("cacheScope").GetString());
        var entry = Assert.Single(listed.GetProperty("skills").EnumerateArray());
        Assert.Equal(
            """{"name":"open","description":"Of several lines: é\n","license":"MIT","metadata":{"version":"1.0"},"allowed-tools":["Read","Bash"],"level":3,"ratio":0.5,"old":755,"day":"2026-05-14","nothing":null,"more":{"deep":[true,"x"]}}""",
            Plain(entry.GetProperty("frontmatter")));
        var bytes = Encoding.UTF8.GetBytes(open);
        var resource = entry.GetProperty("resources")[0];
        Assert.Equal(bytes.Length, resource.GetProperty("size").GetInt32());
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}", resource.GetProperty("digest").GetString());
        Assert.True(read.GetProperty("verified").GetBoolean()); // By the SDK: size, digest and frontmatter.
        Assert.Equal(open, read.GetProperty("text").GetString());
        foreach (var name in new[] { "undescribed", "typed", "merged", "bomb", "none" })
        {
            Assert.Equal(-32602, (await agent.FailAsync("readSkill", new { uri = $"skill://personal/{name}/SKILL.md" })).GetProperty("code").GetInt32());
        }

        Assert.Equal(8, (await agent.DoAsync("listResources")).Names("resources").Length);
        Assert.Equal("Do it.", (await agent.CallAsync("read_skill", new { name = "undescribed" })).GetProperty("structuredContent").GetProperty("body").GetString());
    }

    [Fact]
    public async Task The_listing_of_published_skills_has_pages()
    {
        var user = await api.RegisterUserAsync();
        var names = Enumerable.Range(0, 60).Select(i => $"s{i:00}").ToArray();
        foreach (var name in names)
        {
            await api.As(user).WriteAsync(Skills.File(name));
        }

        await using var agent = await Agent.ConnectAsync(api.Address, await KeyAsync(user), Agent.V2);

        var listed = await agent.DoAsync("listSkills");

        Assert.Equal(names, listed.GetProperty("skills").EnumerateArray().Select(skill => skill.GetProperty("frontmatter").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Two_people_never_see_each_others_skills()
    {
        var (ada, bob) = (await api.RegisterUserAsync("owner"), await api.RegisterUserAsync());
        await api.As(ada).WriteAsync(Skills.File("same", body: "Ada's."));
        await api.As(ada).WriteAsync(Skills.File("of-ada"));
        await api.As(bob).WriteAsync(Skills.File("same", body: "Bob's."));
        await using var agentOfAda = await Agent.ConnectAsync(api.Address, await KeyAsync(ada));
        await using var agentOfBob = await Agent.ConnectAsync(api.Address, await KeyAsync(bob), Agent.V2);

        // Owners may read others' skills by the API; their agents do not.
        Assert.Equal(["of-ada", "same"], (await agentOfAda.DoAsync("listPrompts")).Names("prompts"));
        Assert.Equal(["same"], (await agentOfBob.DoAsync("listPrompts")).Names("prompts"));
        Assert.Equal("Ada's.", (await agentOfAda.CallAsync("read_skill", new { name = "same" })).GetProperty("structuredContent").GetProperty("body").GetString());
        Assert.Equal("Bob's.", (await agentOfBob.CallAsync("read_skill", new { name = "same" })).GetProperty("structuredContent").GetProperty("body").GetString());
        Assert.True((await agentOfBob.CallAsync("read_skill", new { name = "of-ada" })).IsError());
        await agentOfBob.FailAsync("getPrompt", new { name = "of-ada" });
        await agentOfBob.FailAsync("readResource", new { uri = "skill://personal/of-ada/SKILL.md" });
        await agentOfBob.FailAsync("readSkill", new { uri = "skill://personal/of-ada/SKILL.md" });
        Assert.DoesNotContain("of-ada", (await agentOfBob.DoAsync("listSkills")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_for_one_skill_shows_that_one()
    {
        var user = await api.RegisterUserAsync();
        var id = await api.As(user).WriteAsync(Skills.File("one"));
        await api.As(user).WriteAsync(Skills.File("other"));
        var key = await api.MakeTokenAsync(user, new { scopes = new[] { "user_skill:read" }, allow_list = new[] { $"user_skill:{id}" } });
        await using var agent = await Agent.ConnectAsync(api.Address, key, Agent.V2);

        Assert.Equal(["one"], (await agent.DoAsync("listPrompts")).Names("prompts"));
        Assert.Equal(["one"], (await agent.DoAsync("listResources")).Names("resources"));
        Assert.Single((await agent.DoAsync("listSkills")).GetProperty("skills").EnumerateArray());
        Assert.Single((await agent.CallAsync("list_skills", new { })).GetProperty("structuredContent").GetProperty("skills").EnumerateArray());
        Assert.False((await agent.CallAsync("read_skill", new { name = "one" })).IsError());
        Assert.True((await agent.CallAsync("read_skill", new { name = "other" })).IsError());
        await agent.FailAsync("readResource", new { uri = "skill://personal/other/SKILL.md" });
    }

    [Fact]
    public async Task A_failure_inside_shows_nothing_of_the_inside()
    {
        await using var server = await api.StartAnotherAsync(new() { ["Modular:Experiments"] = "user-skills" });
        var (owner, _) = await ModularApi.SetUpAsync(server.Client());
        await server.Client(owner.Session).WriteAsync(Skills.File("tidy"));
        await using var agent = await Agent.ConnectAsync(server.Address, owner.Session);
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();

        await RunAsync("update user_skills.skills set content = 'no skill at all'");
        var unreadable = await agent.CallAsync("read_skill", new { name = "tidy" });
        await RunAsync("alter table user_skills.skills rename to hidden_table");
        var read = await agent.CallAsync("read_skill", new { name = "tidy" });
        var list = await agent.CallAsync("list_skills", new { });
        var prompts = await agent.FailAsync("listPrompts");

        Assert.All([unreadable, read, list], answer => Assert.True(answer.IsError()));
        Assert.All([unreadable, read], answer => Assert.Contains("\"tidy\"", answer.Text(), StringComparison.Ordinal));
        Assert.Equal(unreadable.Text(), read.Text());
        Assert.Equal(-32603, prompts.GetProperty("code").GetInt32());
        Assert.All(
            [unreadable, read, list, prompts],
            answer => Assert.All(["user_skills", "relation", "42P01", "Npgsql", "frontmatter"], inside => Assert.DoesNotContain(inside, answer.ToString(), StringComparison.OrdinalIgnoreCase)));

        async Task RunAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<string[]> CompletionsAsync(Agent agent, object reference, string value) =>
    [
        .. (await agent.DoAsync("complete", new { @ref = reference, argument = new { name = "name", value } }))
            .GetProperty("completion").GetProperty("values").EnumerateArray().Select(name => name.GetString()!),
    ];

    private static string Plain(JsonElement json) => JsonSerializer.Serialize(json, plain);

    private Task<string> KeyAsync(ApiUser user) => api.MakeTokenAsync(user, new { scopes = new[] { "user_skill:read" } });
}
