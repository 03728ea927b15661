using System.Reflection;
using Npgsql;

namespace Modular.Host.Plugins;

/// <summary>A plug-in cannot be used. The reason is the end of the sentence "The plug-in NAME is left off: …", with the remedy where there is one.</summary>
internal sealed class PluginRefusedException(string reason) : Exception(reason);

/// <summary>A plug-in that had passed its trial failed when the server started with it. The server starts again without it.</summary>
internal sealed class PluginFailedException(IReadOnlyDictionary<string, string> reasons)
    : Exception(string.Join("; ", reasons.Select(reason => $"{reason.Key}: {reason.Value}")))
{
    internal PluginFailedException(string plugin, string reason)
        : this(new Dictionary<string, string> { [plugin] = reason })
    {
    }

    /// <summary>Why, by plug-in.</summary>
    internal IReadOnlyDictionary<string, string> Reasons => reasons;
}

/// <summary>Says in one line what a plug-in's code has thrown.</summary>
internal static class PluginFailure
{
    /// <summary>The first thing that went wrong, without the wrappings that reflection and the container put around it.</summary>
    internal static string Reason(Exception thrown) => thrown switch
    {
        PluginRefusedException refused => refused.Message,
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => Reason(first),
        AggregateException { InnerException: { } inner } => Reason(inner),
        TargetInvocationException { InnerException: { } inner } => Reason(inner),
        TypeInitializationException { InnerException: { } inner } => Reason(inner),
        FileLoadException { InnerException: { } inner } => Reason(inner),
        FileNotFoundException { InnerException: { } inner } => Reason(inner),
        PostgresException answered => Line(answered.MessageText),
        _ => $"{Line(thrown.Message)} ({thrown.GetType().Name})",
    };

    /// <summary>Runs a plug-in's code.</summary>
    /// <exception cref="PluginRefusedException">It threw.</exception>
    internal static T Try<T>(string what, Func<T> code)
    {
        try
        {
            return code();
        }
        catch (Exception thrown) when (thrown is not PluginRefusedException)
        {
            throw new PluginRefusedException($"{what}: {Reason(thrown)}");
        }
    }

    private static string Line(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
