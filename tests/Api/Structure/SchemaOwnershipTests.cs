using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Modular.SharedKernel.Modules;
using Modular.Tests.Api.Support;

namespace Modular.Tests.Api.Structure;

/// <summary>Which schemas the commands touch that really run. Each rule has a twin that shows it failing.</summary>
[Collection(SharedApi.Name)]
public sealed class SchemaOwnershipTests(ModularApi api)
{
    private string[] Schemas => [.. api.Services.GetServices<IModule>().Select(module => module.Schema)];

    [Fact]
    public async Task Each_module_touches_only_its_own_schema()
    {
        await TourAsync();

        var seen = api.Sql.Seen;
        Assert.Equal(Schemas.Order(), seen.Select(command => command.Schema).Distinct().Order());
        Assert.All(seen, command => Assert.Subset(new HashSet<string> { command.Schema }, SqlWatch.SchemasIn(command.Sql, Schemas).ToHashSet()));
    }

    [Fact]
    public void Twin_a_foreign_schema_in_a_command_is_found()
    {
        Assert.Equal(["users"], SqlWatch.SchemasIn("select * from users.users u where u.id = $1", Schemas));
        Assert.Equal(["api_keys"], SqlWatch.SchemasIn("""delete from "api_keys"."keys" """, Schemas));
    }

    [Fact]
    public async Task No_command_at_all_names_two_modules_schemas()
    {
        var sent = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => sent.Add((activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")) as string ?? ""),
        };
        ActivitySource.AddActivityListener(listener);

        await TourAsync();

        Assert.Contains(sent, sql => SqlWatch.SchemasIn(sql, Schemas).Contains("api_keys"));
        Assert.All(sent, sql => Assert.InRange(SqlWatch.SchemasIn(sql, Schemas).Count, 0, 1));
    }

    /// <summary>Through every module and every kind of write.</summary>
    private async Task TourAsync()
    {
        await api.TurnAsync("user-skills", on: true);
        using var owner = api.As(api.Owner);
        var user = await api.RegisterUserAsync();
        using var member = api.As(user);
        var token = await api.MakeTokenAsync(user);
        await Expect(HttpStatusCode.OK, api.WithKey(token).GetAsync("/api/v2/users/me"));
        await Expect(HttpStatusCode.OK, owner.GetAsync("/api/v2/users?q=status:active&limit=5"));
        await Expect(HttpStatusCode.OK, owner.GetAsync("/api/v2/features"));
        await Expect(HttpStatusCode.OK, member.GetAsync("/api/v2/users/me/keys/tokens"));
        await Expect(HttpStatusCode.Created, member.PostAsJsonAsync("/api/experimental/users/me/skills", new { content = "---\nname: tour\n---\nGo.\n" }));
        await Expect(HttpStatusCode.OK, member.PatchAsJsonAsync("/api/experimental/users/me/skills/tour", new { enabled = false }));
        await Expect(HttpStatusCode.OK, member.GetAsync("/api/experimental/users/me/skills"));
        await Expect(HttpStatusCode.OK, member.PutAsJsonAsync("/api/v2/users/me/appearance", new { theme_preference = "dark" }));
        await Expect(HttpStatusCode.OK, member.GetAsync("/api/v2/users/me/appearance"));
        await Expect(HttpStatusCode.OK, member.PutAsJsonAsync("/api/v2/users/me/profile", new { username = user.Username, name = "On Tour" }));
        await Expect(HttpStatusCode.OK, owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/roles", new { roles = new[] { "auditor" } }));
        await Expect(HttpStatusCode.OK, owner.PutAsync($"/api/v2/users/{user.Id}/status/suspend", null));
        await Expect(HttpStatusCode.OK, owner.PutAsync($"/api/v2/users/{user.Id}/status/activate", null));
        await Expect(HttpStatusCode.NoContent, owner.PutAsJsonAsync($"/api/v2/users/{user.Id}/password", new { password = "MyTotallySecureP4ss" }));
        await Expect(HttpStatusCode.OK, owner.GetAsync("/api/v2/organizations"));
        await Expect(HttpStatusCode.OK, owner.DeleteAsync($"/api/v2/users/{user.Id}"));
        await Expect(HttpStatusCode.OK, owner.GetAsync("/api/v2/audit?q=username:owner"));

        static async Task Expect(HttpStatusCode status, Task<HttpResponseMessage> request)
        {
            using var answer = await request;
            await answer.ShouldBeAsync(status);
        }
    }
}
