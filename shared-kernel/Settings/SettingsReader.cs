using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Modular.SharedKernel.Settings;

/// <summary>A setting that cannot be used. The server does not start; the message names the key and the remedy.</summary>
public sealed class SettingException(string key, string problem) : Exception($"The setting {SettingsReader.Section}:{key} {problem}");

/// <summary>Reads settings below <c>Modular:</c> and refuses what it cannot understand, naming the key.</summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    /// <summary>The section of all our settings.</summary>
    public const string Section = "Modular";

    /// <summary>A text; null where it is not set or empty.</summary>
    public string? Text(string key) => configuration[$"{Section}:{key}"] is { Length: > 0 } text ? text : null;

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Bool(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        { } text when bool.TryParse(text, out var value) => value,
        { } text => throw new SettingException(key, $"is '{text}'; write true or false."),
    };

    /// <summary>A whole number, at least <paramref name="least"/>.</summary>
    public int WholeNumber(string key, int otherwise, int least = int.MinValue) => Text(key) switch
    {
        null => otherwise,
        { } text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least => value,
        { } text => throw new SettingException(
            key, $"is '{text}'; write a whole number{(least == int.MinValue ? "" : $" of at least {least}")}."),
    };

    /// <summary>A positive span of time: <c>90s</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>, <c>1h30m</c> or .NET's <c>7.00:00:00</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise) => Text(key) switch
    {
        null => otherwise,
        { } text when Settings.Duration.TryParse(text, out var value) && value > TimeSpan.Zero => value,
        { } text => throw new SettingException(key, $"is '{text}'; write a positive duration such as 90s, 24h, 7d or 7.00:00:00."),
    };

    /// <summary>One of a few words.</summary>
    public string Choice(string key, string otherwise, params string[] allowed) => Text(key) switch
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
        return [.. (joined ?? indexed).Select(text => text?.Trim()).OfType<string>().Where(text => text.Length > 0)];
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
            .AddSingleton(provider => read(new SettingsReader(provider.GetRequiredService<IConfiguration>())))
            .AddSingleton(new SettingsCheck(provider => provider.GetRequiredService<T>()));
}

/// <summary>Reads settings at start, so that a wrong value is told before the first request.</summary>
public sealed record SettingsCheck(Action<IServiceProvider> Run);
