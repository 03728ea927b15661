using System.Reflection;
using System.Text;
using Npgsql;

namespace Modular.Host.Plugins;

/// <summary>A plug-in cannot be used. The reason is the end of the sentence "The plug-in NAME is left off: …", with the remedy where there is one.</summary>
internal sealed class PluginRefusedException(string reason) : Exception(PluginFailure.Line(reason));

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

/// <summary>Runs a plug-in's code and says in one line what it has thrown, whatever it throws and whether or not it comes back.</summary>
internal static class PluginFailure
{
    /// <summary>A reason stands in the log, in a table of the database and in a line of <c>./run plugins list</c>.</summary>
    private const int LongestLine = 500;

    private static readonly TimeSpan patienceWithWords = TimeSpan.FromSeconds(1);

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
        _ => Line($"{MessageOf(thrown).TrimEnd('.', ' ', '\n', '\r')} ({thrown.GetType().Name})"),
    };

    /// <summary>The exception as it can be logged: one that cannot be written as text is replaced by one that says so.</summary>
    internal static Exception Loggable(Exception thrown) =>
        TextOf(thrown.ToString) is null ? new InvalidOperationException(Reason(thrown)) : thrown;

    /// <summary>Runs a plug-in's code on a thread of its own, which is given up when the code does not come back.</summary>
    /// <exception cref="PluginRefusedException">It threw, or did not come back in time.</exception>
    internal static T Try<T>(string what, TimeSpan patience, Func<T> code)
    {
        var result = default(T);
        Exception? thrown = null;
        if (!ComesBack(patience, () =>
        {
            try
            {
                result = code();
            }
            catch (Exception failure)
            {
                thrown = failure;
            }
        }))
        {
            throw new PluginRefusedException($"{what}: it does not come back within {patience.TotalSeconds:0.##} seconds");
        }

        return thrown switch
        {
            null => result!,
            PluginRefusedException refused => throw new PluginRefusedException(refused.Message),
            _ => throw new PluginRefusedException($"{what}: {Reason(thrown)}"),
        };
    }

    /// <inheritdoc cref="Try{T}"/>
    internal static void Try(string what, TimeSpan patience, Action code) => Try(what, patience, () =>
    {
        code();
        return true;
    });

    /// <summary>
    /// Any text as one line that can be logged, stored and printed: without control characters, which a terminal would obey and which the
    /// database refuses (U+0000), and without halves of characters, which have no bytes.
    /// </summary>
    internal static string Line(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, LongestLine));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= LongestLine)
            {
                return line.Append('…').ToString();
            }

            if (!Rune.IsWhiteSpace(rune))
            {
                line.Append(Rune.IsControl(rune) ? Rune.ReplacementChar : rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd().TrimEnd('.');
    }

    private static string MessageOf(Exception thrown) =>
        TextOf(() => thrown.Message) ?? "it throws something whose message cannot be read";

    /// <summary>What an exception says of itself, which is a plug-in's code too; null where that throws or does not come back.</summary>
    private static string? TextOf(Func<string?> say)
    {
        string? text = null;
        ComesBack(patienceWithWords, () =>
        {
            try
            {
                text = say();
            }
            catch (Exception)
            {
                // It says nothing.
            }
        });
        return text;
    }

    /// <summary>
    /// Runs code on a thread of its own. There is no way to end a thread from outside: one that is given up holds nothing but copies that
    /// nothing uses any more, and ends with the process.
    /// </summary>
    private static bool ComesBack(TimeSpan within, ThreadStart code)
    {
        var thread = new Thread(code) { IsBackground = true, Name = "plug-in" };
        thread.Start();
        return thread.Join(within);
    }
}
