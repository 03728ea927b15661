using Modular.SharedKernel.Settings;

namespace Modular.Host.Experiments;

/// <summary>Which experiments are on until an operator switches them: names, or <c>*</c> for all that are safe.</summary>
internal sealed record ExperimentSettings(IReadOnlyList<string> Names)
{
    internal const string AllSafe = "*";

    internal static ExperimentSettings Read(SettingsReader settings) =>
        new([.. settings.List("Experiments").Select(name => name.ToLowerInvariant())]);
}
