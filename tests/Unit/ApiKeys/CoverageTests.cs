using CsCheck;
using Modular.ApiKeys.Domain;
using Modular.Host;
using Modular.SharedKernel.Security;
using Modular.Testing;

namespace Modular.Tests.Unit.ApiKeys;

/// <summary>Whatever a key is let make may do nothing that the key itself may not, and does not outlive it.</summary>
public sealed class CoverageTests
{
    private static readonly ScopeCatalog catalog = new(ModuleCatalog.All);
    private static readonly DateTimeOffset now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] names =
        [ScopeCatalog.All, .. ModuleCatalog.All.SelectMany(module => module.Scopes).Select(scope => scope.Name)];

    /// <summary>Every action that a scope names, and one of each resource that none does: wildcards grow.</summary>
    private static readonly Permission[] permissions =
    [
        .. ModuleCatalog.All.SelectMany(module => module.Scopes).SelectMany(scope => scope.Permissions)
            .SelectMany(permission => (Permission[])[permission with { Action = permission.Action == "*" ? "of-the-future" : permission.Action }])
            .Append(new Permission("audit_log", "read"))
            .Distinct(),
    ];

    private static readonly Guid[] ids = [new("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"), new("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb")];

    private static readonly Gen<string[]> someScopes = Gen.OneOf(names).Array[1, 6];

    private static readonly Gen<AllowList> someAllowList = Gen.Select(
            Gen.OneOf("*", "user", "api_key", "workspace", "organization"),
            Gen.OneOf("*", ids[0].ToString(), ids[1].ToString()),
            (type, id) => new AllowListEntry(type, id))
        .Array[1, 5].Select(entries => AllowList.Of(entries));

    [Fact]
    public void What_is_covered_is_never_wider()
    {
        var (tries, covered) = (Thorough.Times(200_000, byDefault: 20_000), 0);
        Gen.Select(someScopes, someAllowList, someScopes, someAllowList).Sample(
            (mine, myList, asked, askedList) =>
            {
                var key = new KeyRestrictions(mine, catalog.Expand(mine), myList, now);
                if (Coverage.Missing(catalog, key, asked, askedList) is not null)
                {
                    return true;
                }

                Interlocked.Increment(ref covered);
                var made = new KeyRestrictions(asked, catalog.Expand(asked), askedList, now);
                return permissions.All(permission => !made.InScope(permission) || key.InScope(permission))
                    && permissions.Select(permission => permission.Resource).Distinct().All(type => IsWithin(made.AdmittedIds(type), key.AdmittedIds(type)));
            },
            iter: tries);
        Assert.InRange(covered, tries / 200, tries - (tries / 200)); // Both answers were seen, or nothing was tried.
    }

    [Fact]
    public void What_is_made_covers_itself()
    {
        Gen.Select(someScopes, someAllowList).Sample(
            (scopes, list) => Coverage.Missing(catalog, new KeyRestrictions(scopes, catalog.Expand(scopes), list, now), scopes, list)
                is null == list.Entries.All(list.Covers),
            iter: 20_000);
    }

    [Fact]
    public void No_end_is_passed()
    {
        Gen.Select(Gen.Long[0, TimeSpan.FromDays(36_500).Ticks], Gen.Long[0, TimeSpan.FromDays(400).Ticks]).Sample(
            (lifetime, end) =>
            {
                var key = ApiKey.Make(
                    KeySecret.Draw(), ids[0], "token", "n", TimeSpan.FromTicks(lifetime), now.AddTicks(end), ["user:read"], AllowList.Everything, null, now);
                return key.ExpiresAt <= now.AddTicks(end) && key.EndsAt == now.AddTicks(end);
            },
            iter: 20_000);
    }

    private static bool IsWithin(IReadOnlySet<Guid>? made, IReadOnlySet<Guid>? mine) => mine is null || (made is not null && made.All(mine.Contains));
}
