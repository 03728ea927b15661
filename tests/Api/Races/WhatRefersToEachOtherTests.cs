using System.Net;
using System.Net.Http.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Races;

/// <summary>
/// What refers to something is written while that is deleted. Whichever comes first, the other is told that there is no such thing; nothing is
/// a fault of the server, and nothing is left that refers to what is gone.
/// </summary>
[Collection(SecondApi.Name)]
public sealed class WhatRefersToEachOtherTests(ModularApi api)
{
    private const int Rounds = 25;

    private static readonly Dictionary<string, Func<ModularApi, HttpClient, Guid, Guid, Task<HttpResponseMessage>>> writes = new()
    {
        ["a user in it"] = (api, owner, organization, _) => owner.PostAsJsonAsync(
            "/api/v2/users", new { username = People.NewName("s"), service_account = true, organization_ids = new[] { organization } }),
        ["an import into it"] = (_, owner, organization, _) => owner.SendFileAsync(
            $$"""{"username": "{{People.NewName("s")}}", "service_account": true, "organizations": ["{{organization}}"]}""" + "\n"),
        ["a member"] = (_, owner, organization, user) => owner.PostAsync($"/api/v2/organizations/{organization}/members/{user}", null),
        ["a change to it"] = (_, owner, organization, _) => owner.PatchAsJsonAsync($"/api/v2/organizations/{organization}", new { description = "changed" }),
        ["a list of its members"] = (_, owner, organization, _) => owner.GetAsync($"/api/v2/organizations/{organization}/paginated-members?limit=1"),
        ["a list of all its members"] = (_, owner, organization, _) => owner.GetAsync($"/api/v2/organizations/{organization}/members"),
        ["its own deletion"] = (_, owner, organization, _) => owner.DeleteAsync($"/api/v2/organizations/{organization}"),
    };

    public static TheoryData<string> Writes => [.. writes.Keys];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task An_organization_is_deleted_while_something_refers_to_it(string what)
    {
        using var owner = api.As(api.Owner);
        var user = (await api.CreateAsync(api.ServiceAccount())).Id();
        var statuses = new List<HttpStatusCode>();
        for (var round = 0; round < Rounds; round++)
        {
            using var made = await owner.PostAsJsonAsync("/api/v2/organizations", new { name = People.NewName("o") });
            var organization = (await made.ShouldBeAsync(HttpStatusCode.Created)).Id();
            using var start = new Barrier(participantCount: 2);

            // The two take turns in starting first, so that each comes first sometimes.
            var answers = await Task.WhenAll(
                RaceAsync(start, round % 2 * 50, () => owner.DeleteAsync($"/api/v2/organizations/{organization}")),
                RaceAsync(start, (round + 1) % 2 * 50, () => writes[what](api, owner, organization, user)));

            Assert.True(
                answers[0].StatusCode == HttpStatusCode.OK || what == "its own deletion", $"The deletion answered {answers[0].StatusCode} {await answers[0].Content.ReadAsStringAsync()}");
            Assert.True(
                answers[1].IsSuccessStatusCode || answers[1].StatusCode == HttpStatusCode.NotFound, $"{answers[1].StatusCode} {await answers[1].Content.ReadAsStringAsync()}");
            statuses.Add(answers[1].StatusCode);
            await using var database = await api.OpenDatabaseAsync();
            await using var left = new Npgsql.NpgsqlCommand("select count(*) from users.organization_members where organization_id = $1", database);
            left.Parameters.Add(new Npgsql.NpgsqlParameter { Value = organization });
            Assert.Equal(0L, await left.ExecuteScalarAsync());
            foreach (var answer in answers)
            {
                answer.Dispose();
            }
        }

        Assert.NotEmpty(statuses);
    }

    private static Task<HttpResponseMessage> RaceAsync(Barrier start, int spins, Func<Task<HttpResponseMessage>> send) => Task.Factory.StartNew(
        () =>
        {
            start.SignalAndWait();
            Thread.SpinWait(spins * 100);
            return send();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).Unwrap();
}
