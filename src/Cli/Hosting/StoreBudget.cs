using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Sources;

namespace Etl.Cli.Hosting;

/// <summary>A source's budget in the store: shared by all processes on it, and remembered when they end.</summary>
internal sealed class StoreBudget : ISourceBudget
{
    private readonly ISourceLedger _ledger;
    private readonly string _source;
    private readonly IReadOnlyList<SourceWindow> _windows;

    /// <exception cref="ArgumentException">The limits have faults.</exception>
    public StoreBudget(ISourceLedger ledger, string source, SourceLimits limits)
    {
        if (limits.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(limits));
        SourceWindow Window(TimeSpan length, double all) => new(length + limits.DelayMax, all, all * (1 - limits.LiveShare)); // a call may reach the source so much later
        (_ledger, _source) = (ledger, source);
        _windows = [Window(TimeSpan.FromMinutes(1), limits.PerMinute), Window(TimeSpan.FromHours(1), limits.PerHour), Window(TimeSpan.FromDays(1), limits.PerDay)];
    }

    public async ValueTask<TimeSpan> ReserveAsync(SourceLane lane, double weight, CancellationToken cancel) =>
        await _ledger.TakeAsync(new(_source, lane == SourceLane.Live ? Lane.Live : Lane.Backfill, weight, _windows), cancel);

    public async ValueTask HoldAsync(TimeSpan time, CancellationToken cancel) => await _ledger.HoldAsync(_source, time, cancel);
}
