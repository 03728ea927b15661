using System.Text.Json;
using System.Text.Json.Serialization;
using Modular.SharedKernel.Events;
using Modular.SharedKernel.Json;

namespace Modular.Host.Experiments.Domain;

/// <summary>The operator's word about an experiment. It wins over configuration from the first time it is given.</summary>
internal sealed class FeatureSwitch
{
    internal const string ResourceType = "feature";

    internal static readonly AuditShape<FeatureSwitch> AuditShape = new AuditShape<FeatureSwitch>()
        .Shows("enabled", f => f.Enabled)
        .Shows("rollout", f => JsonSerializer.Serialize(f.ReadRollout(), compact))
        .Ignores("name", "reason", "changed_at", "changed_by", "version");

    /// <summary>For the log: the database writes the same value in another form than we do.</summary>
    private static readonly JsonSerializerOptions compact = new(ModularJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private FeatureSwitch()
    {
    }

    internal FeatureSwitch(string name, bool enabled)
    {
        Name = name;
        Enabled = enabled;
    }

    public string Name { get; private set; } = "";

    public bool Enabled { get; private set; }

    /// <summary>JSON of a <see cref="Domain.Rollout"/>; the word null where it is on for everybody.</summary>
    public string Rollout { get; private set; } = "null";

    public string Reason { get; private set; } = "";

    public DateTimeOffset ChangedAt { get; private set; }

    public Guid ChangedBy { get; private set; }

    /// <summary>Counts the changes.</summary>
    public long Version { get; private set; }

    internal void Switch(bool enabled, Rollout? rollout, string reason, Guid by, DateTimeOffset now)
    {
        Enabled = enabled;
        Rollout = JsonSerializer.Serialize(rollout, ModularJson.Options);
        Reason = reason;
        ChangedBy = by;
        ChangedAt = now;
        Version++;
    }

    internal Rollout? ReadRollout() => JsonSerializer.Deserialize<Rollout?>(Rollout, ModularJson.Options);
}

/// <summary>
/// The users that an experiment is on for: those named, those who hold one of the roles, and a share of all users, which stays the same.
/// Two times limit when it is on for any of them. Where no users, roles or share are given, it is on for everybody between those times.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record Rollout
{
    internal const int MaxUsers = 1_000;

    public IReadOnlyList<Guid>? Users { get; init; }

    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>0 to 100.</summary>
    public double? Percentage { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>The same, with each name once.</summary>
    internal Rollout WithoutRepeats() => this with { Users = Users?.Distinct().ToArray(), Roles = Roles?.Distinct().ToArray() };
}
