using Microsoft.AspNetCore.Connections;
using Modular.Host;
using Modular.Host.Plugins;
using Modular.SharedKernel.Settings;

if (!Icu.IsInstalled())
{
    return 1;
}

using var signals = new StopSignals();
try
{
    StrayFailures.Handle();
    await (args is ["plugins", ..]
        ? PluginCommands.RunAsync(args[1..], ModuleCatalog.All, signals.Received)
        : ModularServer.RunAsync(args, ModuleCatalog.All, signals.Received));
    return ServerEnd.Leave(0);
}
catch (OperationCanceledException) when (signals.Received.IsCancellationRequested)
{
    return ServerEnd.Leave(0); // Told to stop before it had started.
}
catch (Exception refused) when (refused is StartupException or SettingException)
{
    await Console.Error.WriteLineAsync($"modular: {refused.Message}");
    return ServerEnd.Leave(1);
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"modular: {taken.Message.TrimEnd('.')}. Stop the program that uses it, or set MODULAR_URLS to another address.");
    return ServerEnd.Leave(1);
}
