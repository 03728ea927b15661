using System.Text.Json.Serialization;
using Modular.SharedKernel.Security;
using Modular.SharedKernel.Web;

namespace Modular.Host.Experiments;

/// <summary>An experiment as operators see it.</summary>
[AnswerExample(
    """
    {"name":"shared-bookmarks","title":"Shared bookmarks","description":"Lets users share bookmarks.","stage":"experimental",
    "enabled":true,"source":"operator","rollout":null,"reason":"A trial with the platform team","changed_at":"2026-11-26T16:20:53.53678Z",
    "changed_by":{"id":"01a218a8-eca0-75a1-8b9d-07c8ec976a83","username":"jane-doe"},"declared_until":null,"stale":false}
    """)]
internal sealed record FeatureAnswer(
    string Name,
    string Title,
    string Description,
    string Stage,
    bool Enabled,
    string Source,
    FeatureRolloutAnswer? Rollout,
    string Reason,
    DateTimeOffset? ChangedAt,
    MinimalUser? ChangedBy,
    DateTimeOffset? DeclaredUntil,
    bool Stale) : ITagged
{
    [JsonIgnore]
    public string? ETag { get; private init; }

    internal static FeatureAnswer Of(FeatureState state, IReadOnlyDictionary<Guid, DescribedUser> users, DateTimeOffset now) => new(
        state.Module.FeatureFlag,
        state.Module.Title,
        state.Module.Description,
        state.Module.Stage.ToString().ToLowerInvariant(),
        state.Enabled,
        state.Source,
        state.Rollout is { } rollout
            ? new FeatureRolloutAnswer(rollout.Users, rollout.Roles, rollout.Percentage, rollout.From, rollout.Until)
            : null,
        state.Reason,
        state.ChangedAt,
        state.ChangedBy is { } by && users.TryGetValue(by, out var user)
            ? new MinimalUser(user.Id, user.Username, user.Name.Length == 0 ? null : user.Name)
            : null,
        state.Module.DeclaredUntil,
        Stale: state.Enabled && state.Module.DeclaredUntil < now)
    {
        ETag = TagOf(state.Version),
    };

    /// <summary>Changes whenever an operator changes the experiment.</summary>
    internal static string TagOf(long version) => $"\"{version}\"";
}

/// <summary>The users that the experiment is on for, as it was switched: what was absent is absent, so that it can be sent back.</summary>
internal sealed record FeatureRolloutAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? Users,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Roles,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Percentage,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until);

/// <summary>A user by name.</summary>
internal sealed record MinimalUser(
    Guid Id, string Username, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name);
