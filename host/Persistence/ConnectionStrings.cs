using Modular.Host.Lifetime;
using Npgsql;

namespace Modular.Host.Persistence;

/// <summary>The operator's connection strings, in Npgsql's form or as a <c>postgres://</c> address.</summary>
internal static class ConnectionStrings
{
    /// <summary>Of the role that serves requests.</summary>
    internal const string Serving = "Modular";

    /// <summary>Of the role that owns the schemas.</summary>
    internal const string Owner = "ModularAdmin";

    /// <summary>As operators write its name.</summary>
    internal static string NameOf(string setting) => $"ConnectionStrings__{setting}";

    /// <summary>
    /// For requests: statements are prepared by themselves, and a connection goes back to the pool without a question that would put its
    /// session back, since no statement leaves anything in it (a test reads them all). What has to keep something there is a
    /// <see cref="SharedKernel.Persistence.KeptSession"/>.
    /// </summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    internal static string ForRequests(string text, string setting)
    {
        var settings = Read(text, setting);
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        settings.NoResetOnClose = true;

        return settings.ConnectionString;
    }

    /// <summary>For making tables: a connection of its own, which knows no statement from before a table was changed.</summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    internal static string ForChanges(string text, string setting)
    {
        var settings = Read(text, setting);
        settings.Pooling = false;
        settings.MaxAutoPrepare = 0;
        return settings.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder Read(string text, string setting)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromAddress(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            throw new StartupException($"{NameOf(setting)} cannot be read; write Host=…;Database=…;Username=…;Password=… or postgres://user:password@host/database.");
        }

        settings.ApplicationName ??= "Modular";
        return settings;
    }

    private static NpgsqlConnectionStringBuilder FromAddress(Uri address)
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = address.Host, Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')) };
        if (address.Port > 0)
        {
            settings.Port = address.Port;
        }

        if (address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password])
        {
            settings.Username = Uri.UnescapeDataString(user);
            settings.Password = password is [{ } secret] ? Uri.UnescapeDataString(secret) : null;
        }

        foreach (var (key, values) in Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address.Query))
        {
            settings[key == "sslmode" ? "SSL Mode" : key] = values.ToString().Replace("-", "", StringComparison.Ordinal);
        }

        return settings;
    }
}
