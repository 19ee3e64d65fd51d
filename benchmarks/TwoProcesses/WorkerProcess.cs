using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>A worker in a process of its own that may use one core.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private WorkerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => { lock (_said) _said.AppendLine(line.Data); };
        process.BeginErrorReadLine();
    }

    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    public bool HasExited => _process.HasExited;

    public TimeSpan Processor => _process.TotalProcessorTime;

    /// <param name="core">The only one it may use, from 0.</param>
    public static WorkerProcess Start(string topic, int core, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), Environment.ProcessPath!, LandAndBuildWorker.Verb, topic, core.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = Directory.CreateDirectory(folder).FullName, RedirectStandardInput = true, RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("Etl__", StringComparison.Ordinal)).ToList()) start.Environment.Remove(inherited);
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return new(Process.Start(start) ?? throw new InvalidOperationException("taskset did not start"));
    }

    /// <summary>Lets it see the topic that is measured.</summary>
    public void Begin() => _process.StandardInput.WriteLine("go");

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var late = new CancellationTokenSource(StopMax);
        await _process.WaitForExitAsync(late.Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
