using System.Diagnostics;

namespace Etl.Tests.EndToEnd;

/// <summary>The program as a process of its own, with none of this machine's settings.</summary>
internal sealed class EtlProgramCall : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _errors;

    public EtlProgramCall(string folder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(PathOfProgram) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (string argument in arguments.Concat(["--data", Path.Combine(folder, "data")])) start.ArgumentList.Add(argument);
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("Etl__", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        _process = Process.Start(start)!;
        (_out, _errors) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
    }

    private static string PathOfProgram
    {
        get
        {
            string? home = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(home, "Etl.sln"))) home = Path.GetDirectoryName(home) ?? throw new FileNotFoundException("Etl.sln is in no folder above the tests");
            return Path.Combine(home, "artifacts", "bin", "Etl.Cli", "release", "etl");
        }
    }

    /// <summary>SIGKILL: the process has no time for anything.</summary>
    public void Kill() => _process.Kill();

    /// <returns>Exit code, and what it wrote to standard output and standard error.</returns>
    public async Task<(int Code, string Out, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _out, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
