namespace Modular.ApiKeys.Domain;

/// <summary>Whether one key may do everything that another may: what is handed out by a key is never more than the key.</summary>
internal static class Coverage
{
    /// <summary>The first scope or allow-list entry that the key does not hold itself, in words; null where it holds all of them.</summary>
    internal static string? Missing(ScopeCatalog catalog, KeyRestrictions mine, IEnumerable<string> scopes, AllowList allowList) =>
        scopes.Where(scope => !mine.Permissions.Covers(catalog.Expand([scope]))).Select(scope => $"the scope '{scope}'")
            .Concat(allowList.Entries.Where(entry => !mine.AllowList.Covers(entry)).Select(entry => $"the allow-list entry '{entry}'"))
            .FirstOrDefault();
}
