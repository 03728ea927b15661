using System.Globalization;
using Modular.Host.Files;

namespace Modular.Host.Postgres;

/// <summary>Which processes work in a folder with a PostgreSQL cluster, as the kernel knows it: pid files outlive what they name.</summary>
internal sealed class ClusterProcess(string cluster)
{
    private string PidFile => Path.Combine(cluster, "postmaster.pid");

    /// <summary>The process that the pid file names, if it is this cluster's: PostgreSQL's processes work in its folder.</summary>
    internal int? Running() => Named() is { } pid && FolderOf(pid) == Writers.RealPath(cluster) ? pid : null;

    /// <summary>Whether any process of a PostgreSQL works in the folder, which need not be there.</summary>
    internal bool SomethingWorksHere()
    {
        if (!Directory.Exists(cluster))
        {
            return false;
        }

        var folder = Writers.RealPath(cluster);
        return Directory.EnumerateDirectories("/proc")
            .Any(process => int.TryParse(Path.GetFileName(process), out var pid) && FolderOf(pid) == folder);
    }

    /// <summary>
    /// PostgreSQL clears away the pid file of a process that is gone. It does not start if the number is still taken: by another program,
    /// or by the old process itself, which stays in the table until its parent looks (in a container, perhaps never). Then the file goes.
    /// </summary>
    internal void ForgetReusedNumber(string socketFolder)
    {
        if (Named() is { } pid && !SomethingWorksHere() && (IsZombie(pid) || FolderOf(pid) is not null))
        {
            File.Delete(PidFile);
            File.Delete(Path.Combine(socketFolder, ".s.PGSQL.5432.lock"));
        }
    }

    /// <summary>The first line of the pid file.</summary>
    private int? Named()
    {
        try
        {
            return int.TryParse(File.ReadLines(PidFile).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // No such process any more.
        }
    }

    /// <summary>The folder that a process works in; null when there is no such process, or it is none of ours to look at.</summary>
    private static string? FolderOf(int pid)
    {
        try
        {
            return new DirectoryInfo($"/proc/{pid}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
