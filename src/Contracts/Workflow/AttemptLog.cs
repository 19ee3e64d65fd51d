namespace Etl.Contracts.Workflow;

/// <summary>How much a line of a log matters.</summary>
public enum LogSeverity
{
    Info,
    Warning,
    Error,
}

/// <summary>One line of an attempt's log; it may hold line breaks.</summary>
public sealed record LogLine(DateTimeOffset At, LogSeverity Severity, string Text);

/// <summary>What one attempt of a slot says about its work; kept with its end, in the same transaction, and now and then before. Any thread may write.</summary>
/// <remarks>Bounded: of a log that grows too long the first and the last lines are kept, and a line between them tells how many are left out.</remarks>
public sealed class AttemptLog(TimeProvider? clock)
{
    public const int LinesMax = 200, LettersMax = 32_768, LineLettersMax = 8_192;

    private const int LinesMaxOfHalf = LinesMax / 2, LettersMaxOfHalf = LettersMax / 2;

    private readonly Lock _gate = new();
    private List<LogLine>? _first; // made when something is said: most attempts of a busy ledger are quick and silent
    private Queue<LogLine>? _last;
    private int _letters, _leftOut;

    /// <summary>Keeps nothing: for work that is no attempt of a slot.</summary>
    public static AttemptLog None { get; } = new(null);

    /// <summary>Told after each line, on the thread that said it; null for nobody.</summary>
    public Action? Said { get; set; }

    public void Info(string text) => Add(LogSeverity.Info, text);

    public void Warning(string text) => Add(LogSeverity.Warning, text);

    public void Error(string text) => Add(LogSeverity.Error, text);

    /// <summary>Whether nothing was said.</summary>
    public bool IsEmpty => Volatile.Read(ref _first) is null;

    /// <summary>In the order in which they were said; empty when nothing was.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate)
            {
                if (_first is null) return [];
                if (_last is null) return [.. _first];
                return _leftOut == 0 ? [.. _first, .. _last] : [.. _first, new(_first[^1].At, LogSeverity.Info, $"… {_leftOut:N0} lines left out …"), .. _last];
            }
        }
    }

    private void Add(LogSeverity severity, string text)
    {
        if (clock is null) return;
        var line = new LogLine(clock.GetUtcNow(), severity, text.Length <= LineLettersMax ? text : $"{text[..(LineLettersMax - 40)]}… ({text.Length:N0} letters in all)");
        lock (_gate)
        {
            if (_last is null && (_first is null || (_first.Count < LinesMaxOfHalf && _letters + line.Text.Length <= LettersMaxOfHalf))) (_first ??= []).Add(line);
            else
            {
                if (_last is null) (_last, _letters) = (new(), 0);
                _last.Enqueue(line);
            }
            _letters += line.Text.Length;
            while (_last is not null && (_last.Count > LinesMaxOfHalf || _letters > LettersMaxOfHalf))
            {
                _letters -= _last.Dequeue().Text.Length;
                _leftOut++;
            }
        }
        Said?.Invoke();
    }
}
