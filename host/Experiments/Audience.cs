using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Modular.Host.Experiments.Domain;
using Modular.SharedKernel.Security;

namespace Modular.Host.Experiments;

/// <summary>
/// A rollout as callers are judged by it: made once when it changes, so that asking costs the same however many it names.
/// </summary>
internal sealed class Audience
{
    private readonly string feature;
    private readonly Rollout rollout;
    private readonly FrozenSet<Guid> users;
    private readonly FrozenSet<string> roles;
    private readonly double share;

    internal Audience(string feature, Rollout rollout)
    {
        this.feature = feature;
        this.rollout = rollout;
        users = (rollout.Users ?? []).ToFrozenSet();
        roles = (rollout.Roles ?? []).ToFrozenSet(StringComparer.Ordinal);
        share = rollout is { Users: null, Roles: null, Percentage: null } ? 100 : rollout.Percentage ?? 0;
    }

    /// <summary>Rollouts reach known callers only: an anonymous one is in none.</summary>
    internal bool Admits(Caller? caller, DateTimeOffset now) =>
        caller is not null
        && !(now < rollout.From)
        && !(now >= rollout.Until)
        && (users.Contains(caller.UserId) || HoldsOne(caller) || IsInShare(caller.UserId));

    private bool HoldsOne(Caller caller)
    {
        if (roles.Contains(SiteRole.Member))
        {
            return true;
        }

        foreach (var role in caller.Roles)
        {
            if (roles.Contains(role))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A user's place among all stays the same for a feature, and differs from one to the next. By it rollouts were judged from the first.</summary>
    private bool IsInShare(Guid user)
    {
        if (share is <= 0 or >= 100)
        {
            return share > 0;
        }

        var place = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{user}\n{feature}")));
        return place / (double)uint.MaxValue * 100 < share;
    }
}
