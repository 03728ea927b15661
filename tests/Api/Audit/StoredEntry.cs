using System.Text.Json;
using Modular.Tests.Api.Support;
using Modular.Tests.Api.Users;

namespace Modular.Tests.Api.Audit;

/// <summary>An entry that a test writes below the API, to have it of any time and kind.</summary>
internal sealed record StoredEntry(string Action, string ResourceType, DateTimeOffset Time)
{
    public Guid Id { get; init; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    public Guid? UserId { get; init; }

    public Guid OrganizationId { get; init; }

    public Guid ResourceId { get; init; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    public string Target { get; init; } = "";

    public int Status { get; init; } = 200;

    public Guid RequestId { get; init; }

    public string AdditionalFields { get; init; } = "{}";
}

/// <summary>How tests write to the log and read it.</summary>
internal static class TheLog
{
    internal static async Task StoreAsync(this ModularApi api, params StoredEntry[] entries)
    {
        foreach (var entry in entries)
        {
            await api.ExecuteAsync(
                """
                insert into audit.entries (id, time, user_id, organization_id, ip, user_agent, resource_type, resource_id, resource_target,
                                           action, diff, status_code, request_id, additional_fields)
                values ($1, $2, $3, $4, null, '', $5, $6, $7, $8, '{}', $9, $10, $11::jsonb)
                """,
                entry.Id,
                entry.Time,
                (object?)entry.UserId ?? DBNull.Value,
                entry.OrganizationId,
                entry.ResourceType,
                entry.ResourceId,
                entry.Target,
                entry.Action,
                entry.Status,
                entry.RequestId,
                entry.AdditionalFields);
        }
    }

    /// <summary>Many entries of one resource, a second apart, the newest first in number.</summary>
    internal static Task StoreManyAsync(this ModularApi api, Guid resource, int count) => api.ExecuteAsync(
        """
        insert into audit.entries (id, time, user_id, organization_id, ip, user_agent, resource_type, resource_id, resource_target,
                                   action, diff, status_code, request_id, additional_fields)
        select gen_random_uuid(), timestamptz '2022-01-01' - n * interval '1 second', null, '00000000-0000-0000-0000-000000000000', null, '',
               'template', $1, n::text, 'write', '{}', 200, '00000000-0000-0000-0000-000000000000', '{}'
        from generate_series(1, $2) n
        """,
        resource,
        count);

    /// <summary>The answer to the owner's question.</summary>
    internal static Task<JsonElement> LogAsync(this ModularApi api, string q, string more = "") =>
        api.As(api.Owner).ReadAsync($"/api/v2/audit?q={Uri.EscapeDataString(q)}{more}");

    internal static JsonElement[] Entries(this JsonElement log) => [.. log.GetProperty("audit_logs").EnumerateArray()];

    internal static int Number(this JsonElement json, string member) => json.GetProperty(member).GetInt32();
}
