using System.Globalization;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Hangfire;
using NodaTime;

namespace Etl.Scheduler.OnHangfire;

/// <summary>The DAGs as the ledger knows them now, for the page. Hangfire's own list knows no schedule but cron, and forgets at each start.</summary>
/// <param name="jobOf">The Hangfire job that shows a run; null where none does.</param>
/// <param name="words">A schedule in words.</param>
public sealed class DagLines(IReadOnlyList<Dag> dags, IRunLedger runs, Func<long, string?> jobOf, Func<Dag, string> words, TimeProvider clock)
{
    /// <exception cref="Etl.Contracts.StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<DagLine>> ListAsync(CancellationToken cancel)
    {
        var (now, lines) = (clock.GetUtcNow(), new List<DagLine>());
        foreach (var dag in dags)
        {
            var last = (await runs.ListAsync(new() { Dags = [dag.Name], Max = 1 }, cancel)).FirstOrDefault();
            lines.Add(new(dag.Name, CronOf(dag.Schedule), dag.Zone, words(dag))
            {
                Missing = MissingOf(dag, now), Next = FireTimes.Of(dag).Next(now), IsPaused = (await runs.StatusAsync(dag.Name, cancel)).IsPaused, Last = last, Job = last is null ? null : jobOf(last.Id),
            });
        }
        return lines;
    }

    /// <summary>Never a made-up cron: a schedule that has none says what it is.</summary>
    public static string CronOf(Schedule schedule) =>
        schedule.IsManual ? "manual" : RecurringDags.CronOf(schedule) is var cron && cron != Cron.Never() ? cron : "interval";

    /// <summary>What a call without parameters lacks; "" where it is good.</summary>
    private static string MissingOf(Dag dag, DateTimeOffset now)
    {
        if (dag.Arguments is not { } arguments) return "";
        return arguments.Read(dag, new Dictionary<string, string>(), now, out var faults) is null ? string.Join("; ", faults) : "";
    }
}

/// <param name="Cron">Or "interval" where it has no cron, or "manual".</param>
public sealed record DagLine(string Dag, string Cron, string Zone, string Words)
{
    /// <summary>What a trigger by hand, which gives no parameters, would fail of; "" for nothing.</summary>
    public required string Missing { get; init; }

    public required DateTimeOffset? Next { get; init; }

    public required bool IsPaused { get; init; }

    public required Run? Last { get; init; }

    public required string? Job { get; init; }

    /// <summary>An instant on the DAG's wall clock.</summary>
    public string Local(DateTimeOffset instant) => Instant.FromDateTimeOffset(instant).InZone(DateTimeZoneProviders.Tzdb[Zone]).ToString("uuuu-MM-dd HH:mm x", CultureInfo.InvariantCulture);
}
