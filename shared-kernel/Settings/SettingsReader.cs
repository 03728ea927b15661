using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modular.SharedKernel.Settings;

/// <summary>A setting that cannot be used. The server does not start; the message names the key and the remedy.</summary>
public sealed class SettingException(string key, string problem) : Exception($"The setting {SettingsReader.Section}:{key} {problem}");

/// <summary>A setting as it is in force.</summary>
/// <param name="Key">Below <c>Modular:</c>, such as <c>Sessions:Duration</c>.</param>
/// <param name="Value">As it is written, or the default; null where there is none. Of a secret only that it is set.</param>
/// <param name="Default">What holds where the operator says nothing; null where nothing does.</param>
/// <param name="IsSecret">Whether the value is hidden.</param>
public sealed record SettingInForce(string Key, string? Value, string? Default, bool IsSecret);

/// <summary>Every setting that has been read, which after the start is every setting there is.</summary>
public sealed class SettingsInForce
{
    private readonly ConcurrentDictionary<string, SettingInForce> settings = new(StringComparer.Ordinal);

    /// <summary>By key.</summary>
    public IReadOnlyList<SettingInForce> All => [.. settings.Values.OrderBy(setting => setting.Key, StringComparer.Ordinal)];

    internal void Note(SettingInForce setting) => settings[setting.Key] = setting;
}

/// <summary>Reads settings below <c>Modular:</c> and refuses what it cannot understand, naming the key.</summary>
public sealed class SettingsReader(IConfiguration configuration, SettingsInForce? inForce = null)
{
    private const string Masked = "********";

    /// <summary>The section of all our settings.</summary>
    public const string Section = "Modular";

    /// <summary>A text; null where it is not set or empty.</summary>
    public string? Text(string key) => Noted(key, otherwise: null);

    /// <summary>As <see cref="Text"/>, but it is never shown.</summary>
    public string? Secret(string key)
    {
        var secret = Find(key);
        inForce?.Note(new SettingInForce(key, secret is null ? null : Masked, null, IsSecret: true));
        return secret;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Bool(string key, bool otherwise) => Noted(key, otherwise ? "true" : "false") switch
    {
        null => otherwise,
        { } text when bool.TryParse(text, out var value) => value,
        { } text => throw new SettingException(key, $"is '{text}'; write true or false."),
    };

    /// <summary>A whole number, at least <paramref name="least"/>.</summary>
    public int WholeNumber(string key, int otherwise, int least = int.MinValue) => Noted(key, otherwise.ToString(CultureInfo.InvariantCulture)) switch
    {
        null => otherwise,
        { } text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least => value,
        { } text => throw new SettingException(
            key, $"is '{text}'; write a whole number{(least == int.MinValue ? "" : $" of at least {least}")}."),
    };

    /// <summary>A positive span of time: <c>90s</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>, <c>1h30m</c> or .NET's <c>7.00:00:00</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise) => Noted(key, otherwise.ToString("c", CultureInfo.InvariantCulture)) switch
    {
        null => otherwise,
        { } text when Settings.Duration.TryParse(text, out var value) && value > TimeSpan.Zero => value,
        { } text => throw new SettingException(key, $"is '{text}'; write a positive duration such as 90s, 24h, 7d or 7.00:00:00."),
    };

    /// <summary>As <see cref="Duration"/>; null for 0, which stands for no end.</summary>
    public TimeSpan? DurationOrNone(string key, TimeSpan otherwise) => Find(key) is "0" ? NotedNone(key, otherwise) : Duration(key, otherwise);

    /// <summary>One of a few words.</summary>
    public string Choice(string key, string otherwise, params string[] allowed) => Noted(key, otherwise) switch
    {
        null => otherwise,
        { } text when allowed.Contains(text.ToLowerInvariant()) => text.ToLowerInvariant(),
        { } text => throw new SettingException(key, $"is '{text}'; write one of {string.Join(", ", allowed)}."),
    };

    /// <summary>An absolute http or https address without a trailing slash; null where it is not set.</summary>
    public Uri? HttpAddress(string key) => Text(key) switch
    {
        null => null,
        { } text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" => uri,
        { } text => throw new SettingException(key, $"is '{text}'; write an address such as https://users.example.com."),
    };

    /// <summary>Several texts: <c>a,b</c> in one value, or indexed keys.</summary>
    public IReadOnlyList<string> List(string key)
    {
        var indexed = configuration.GetSection($"{Section}:{key}").GetChildren().Select(child => child.Value);
        var joined = configuration[$"{Section}:{key}"]?.Split(',');
        List<string> list = [.. (joined ?? indexed).Select(text => text?.Trim()).OfType<string>().Where(text => text.Length > 0)];
        inForce?.Note(new SettingInForce(key, list.Count == 0 ? null : string.Join(',', list), null, IsSecret: false));
        return list;
    }

    private string? Find(string key) => configuration[$"{Section}:{key}"] is { Length: > 0 } text ? text : null;

    private TimeSpan? NotedNone(string key, TimeSpan otherwise)
    {
        Noted(key, otherwise.ToString("c", CultureInfo.InvariantCulture));
        return null;
    }

    private string? Noted(string key, string? otherwise)
    {
        var text = Find(key);
        inForce?.Note(new SettingInForce(key, text ?? otherwise, otherwise, IsSecret: false));
        return text;
    }
}

/// <summary>Spans of time as operators write them.</summary>
public static class Duration
{
    /// <summary>
    /// Reads Go's form (numbers with the units <c>ms s m h</c>, and <c>d</c> and <c>w</c>, any of them repeated) or .NET's
    /// (<c>d.hh:mm:ss</c>). False for anything else, and for what does not fit a <see cref="TimeSpan"/>.
    /// </summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
        }

        decimal ticks = 0;
        var position = 0;
        while (position < text.Length)
        {
            var start = position;
            while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] == '.'))
            {
                position++;
            }

            var unit = position;
            while (position < text.Length && char.IsAsciiLetterLower(text[position]))
            {
                position++;
            }

            if (!decimal.TryParse(text.AsSpan(start, unit - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || TicksOf(text[unit..position]) is not { } ticksOfUnit
                || number > long.MaxValue / ticksOfUnit)
            {
                return false;
            }

            ticks += number * ticksOfUnit;
        }

        if (text.Length == 0 || ticks > TimeSpan.MaxValue.Ticks)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static long? TicksOf(string unit) => unit switch
    {
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        "w" => 7 * TimeSpan.TicksPerDay,
        _ => null,
    };
}

/// <summary>How settings are registered: read when first needed, and all of them at start.</summary>
public static class SettingsRegistration
{
    /// <summary>Registers settings as a singleton; a value that cannot be used stops the start.</summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, Func<SettingsReader, T> read)
        where T : class => services
            .AddSingleton(provider => read(new SettingsReader(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<SettingsInForce>())))
            .AddSingleton(new SettingsCheck(provider => provider.GetRequiredService<T>()));
}

/// <summary>Reads settings at start, so that a wrong value is told before the first request.</summary>
public sealed record SettingsCheck(Action<IServiceProvider> Run);
