using System.Diagnostics;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>A file system in memory with a bound of its own, so that it can be filled. Mounting one needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Mounts it, or skips the test where this user may not.</summary>
    /// <param name="options">Of the mount, e.g. <c>size=12m</c> or <c>ro</c>.</param>
    public static SmallDisk Mount(string options)
    {
        string folder = Directory.CreateTempSubdirectory("etl-disk-").FullName;
        bool mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        if (!mounted) Directory.Delete(folder);
        Assert.SkipUnless(mounted, "this user may not mount a small file system to fill");
        return new(folder);
    }

    public void Resize(string size) => Run("mount", "-o", $"remount,size={size}", Folder).ShouldBeTrue();

    public void ReadOnly() => Run("mount", "-o", "remount,ro", Folder).ShouldBeTrue();

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
