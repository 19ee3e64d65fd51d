using System.Diagnostics;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>Collects what a process says, and waits for a line.</summary>
internal sealed class LineWaiter
{
    private readonly List<string> _lines = [];
    private readonly SemaphoreSlim _more = new(0);

    public LineWaiter(Process process)
    {
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (_lines) _lines.Add(line.Data);
            _more.Release();
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public string All
    {
        get { lock (_lines) return string.Join('\n', _lines); }
    }

    public Task<string> ForAsync(string text, TimeSpan longest) => ForTimesAsync(text, 1, longest);

    public async Task<string> ForTimesAsync(string text, int times, TimeSpan longest)
    {
        using var late = new CancellationTokenSource(longest);
        while (true)
        {
            lock (_lines)
                if (_lines.Where(line => line.Contains(text, StringComparison.Ordinal)).Take(times).ToList() is { } found && found.Count == times) return found[^1];
            try { await _more.WaitAsync(late.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"did not say \"{text}\" {times} times within {longest}:\n{All}"); }
        }
    }
}
