using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using Modular.Host.Lifetime;

namespace Modular.Host.Plugins;

/// <summary>
/// What a plug-in throws where nothing of the server's can catch it: on a timer, on a thread of its own, from <c>async void</c>, from a
/// finalizer. .NET ends the process for that. Here such code ends and is logged, and the rest goes on; a failure of the server's own, in
/// which no plug-in has a part, still ends the process.
/// </summary>
internal static partial class StrayFailures
{
    private static ILogger? logger;

    /// <summary>Once for the server's process, before any plug-in is loaded.</summary>
    internal static void Handle()
    {
        if (ServerEnd.IsOwnProcess)
        {
            ExceptionHandling.SetUnhandledExceptionHandler(IsPlugins);
        }
    }

    /// <summary>Where they are told, once a server is put together.</summary>
    internal static void LogTo(ILogger log) => logger = log;

    /// <summary>Whether code of a plug-in was running, by itself or in what it had called.</summary>
    internal static bool IsPlugins(Exception failure)
    {
        try
        {
            if (PluginOf(failure) is not { } plugin)
            {
                return false;
            }

            if (logger is { } log)
            {
                Strayed(log, PluginFailure.Loggable(failure), plugin);
            }

            return true;
        }
        catch (Exception)
        {
            return false; // It cannot even be looked at.
        }
    }

    private static string? PluginOf(Exception failure) => new StackTrace(failure).GetFrames()
        .Select(frame => frame.GetMethod()?.Module.Assembly)
        .Select(assembly => assembly is null ? null : AssemblyLoadContext.GetLoadContext(assembly))
        .OfType<PluginLoadContext>()
        .FirstOrDefault()?.Name;

    [LoggerMessage(LogLevel.Error, "The plug-in {Plugin} has thrown where nothing could catch it, on a thread or a timer of its own. What threw does no more work.")]
    private static partial void Strayed(ILogger logger, Exception failure, string plugin);
}
