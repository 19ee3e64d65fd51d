using System.Diagnostics;
using Spectre.Console;

namespace Etl.Cli.Output;

/// <summary>Tells how far a longer work is: a line drawn over on a terminal, a line every ten seconds elsewhere, nothing for programs.</summary>
public sealed class ProgressLine(Terminal terminal, string what) : IDisposable
{
    private static readonly TimeSpan LiveEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ElsewhereEvery = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private TimeSpan _last = -LiveEvery;
    private bool _drawn;

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <param name="state">How far, in words; called from any thread.</param>
    public void Report(string state)
    {
        if (terminal.IsJson) return;
        lock (_gate)
        {
            var now = _watch.Elapsed;
            if (now - _last < (terminal.IsLive ? LiveEvery : ElsewhereEvery)) return;
            if (!terminal.IsLive && _last < TimeSpan.Zero && now < ElsewhereEvery) return;
            _last = now;
            if (terminal.IsLive) Draw(state);
            else terminal.Say($"{Markup.Escape(what)}: {Markup.Escape(state)} ({now.TotalSeconds:F0} s)");
        }
    }

    /// <summary>Ends with a line that stays.</summary>
    public void End(string state)
    {
        lock (_gate)
        {
            Erase();
            terminal.Note($"[green]✓[/] {Markup.Escape(what)}: {Markup.Escape(state)} [grey]({_watch.Elapsed.TotalSeconds:F1} s)[/]");
        }
    }

    public void Dispose()
    {
        lock (_gate) Erase();
    }

    private void Draw(string state)
    {
        int room = Math.Max(20, terminal.Messages.Profile.Width - 1);
        string line = $"… {what}: {state}";
        Console.Error.Write($"\r\u001b[2K{(line.Length > room ? line[..room] : line)}");
        _drawn = true;
    }

    private void Erase()
    {
        if (_drawn) Console.Error.Write("\r\u001b[2K");
        _drawn = false;
    }
}
