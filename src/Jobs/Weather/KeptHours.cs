using Etl.Contracts.Events;

namespace Etl.Jobs.Weather;

/// <summary>Hours that have come while their days were put off, for the next try: few, and not for long, as hours and days of one fetch must agree. Safe for many threads.</summary>
internal sealed class KeptHours(TimeProvider clock)
{
    /// <summary>Answers kept, each of a month at most.</summary>
    private const int AnswersMax = 8;

    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Key, DateTimeOffset From, DateTimeOffset To), (IReadOnlyList<HourlyMetrics> Hours, long At)> _answers = [];

    public void Keep((string Key, DateTimeOffset From, DateTimeOffset To) what, IReadOnlyList<HourlyMetrics> hours)
    {
        lock (_gate)
        {
            foreach (var old in _answers.Where(answer => clock.GetElapsedTime(answer.Value.At) > AgeMax).Select(answer => answer.Key).ToList()) _answers.Remove(old);
            if (_answers.Count < AnswersMax) _answers[what] = (hours, clock.GetTimestamp());
        }
    }

    /// <returns>null when there are none, or they are too old.</returns>
    public IReadOnlyList<HourlyMetrics>? Take((string Key, DateTimeOffset From, DateTimeOffset To) what)
    {
        lock (_gate) return _answers.Remove(what, out var answer) && clock.GetElapsedTime(answer.At) <= AgeMax ? answer.Hours : null;
    }
}
