using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>What every metadata store must keep. Each test has an empty store of its own.</summary>
public abstract partial class MetadataConformance : IAsyncLifetime
{
    protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private const string Events = "truck_telemetry", Hourly = "truck_hourly", Topic = "Truck-Data", Build = "trucks/truck_hourly";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected IMetadata Store { get; private set; } = null!;

    private Committer Committer { get; set; } = null!;

    /// <summary>Opens the test's store: the same one at each call.</summary>
    protected abstract Task<IMetadata> OpenAsync(MetadataOptions? options = null, TimeProvider? node = null);

    protected abstract ValueTask DropAsync();

    /// <summary>Runs a statement beside the program.</summary>
    protected abstract Task ExecuteAsync(string sql);

    /// <summary>Null, or why the store cannot be tested here.</summary>
    protected virtual string? Missing => null;

    public async ValueTask InitializeAsync()
    {
        if (Missing is { } reason) Assert.Skip(reason);
        Store = await OpenAsync();
        Committer = new(Store.Commits);
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is null) return;
        await Store.DisposeAsync();
        await DropAsync();
        GC.SuppressFinalize(this);
    }

    private Task<long> OpenWriterAsync(string name = "test") => Store.Commits.OpenWriterAsync(name, Minute, Cancel);

    private async Task<long> CommitAsync(PendingCommit commit) => (await Committer.CommitAsync(commit, Cancel)).ShouldBeOfType<CommitOutcome.Committed>().Number;

    private async Task<string> RefusedAsync(PendingCommit commit) => (await Committer.CommitAsync(commit, Cancel)).ShouldBeOfType<CommitOutcome.Refused>().Reason;

    private static NewFile EventFile(string path, long rows, DateTimeOffset hour, long from = 0) =>
        new(Events, path, rows, rows * 20, 1, [new(hour, rows)], [new(Topic, 1, 0, from, from + rows)]);

    private static PendingCommit Landing(long token, string path, long from, long rows, DateTimeOffset? hour = null, int partition = 0) => new()
    {
        Kind = CommitKind.Land,
        Token = token,
        Added = [EventFile(path, rows, hour ?? Noon, from)],
        Progress = [new(new(Topic, 1, partition, from, from + rows), rows, 0, $"hash {from + rows}")],
        Changed = [new(Events, hour ?? Noon)],
    };

    private static PendingCommit Adding(long token, string path, DateTimeOffset? hour = null) =>
        new() { Kind = CommitKind.Adopt, Token = token, Added = [new(Events, path, 10, 200, 1, [new(hour ?? Noon, 10)], [])], Changed = [new(Events, hour ?? Noon)] };

    private static SlotId HourSlot(int hours = 0, string step = Build) => new(step, WindowCalendar.Of("UTC").HourOf(Noon.AddHours(hours)));

    private async Task<Slot> ClaimOneAsync(long token, string step = Build, TimeSpan? lease = null, Lane? lane = null) =>
        (await Store.Ledger.ClaimAsync(new([step], 1, token, lease ?? Minute) { Lane = lane }, Cancel)).ShouldHaveSingleItem();

    private static PendingCommit Finishing(Slot slot, SlotState state = SlotState.Done, SlotResult? result = null, string reason = "") => new()
    {
        Kind = CommitKind.Build,
        Token = slot.Token,
        Slot = new(slot.Id, slot.Round, slot.Attempt, state, slot.AsOf, "digest 1", reason) { Inputs = [new(Events, slot.Id.Window.Start, slot.Id.Window.End)], Result = result },
    };
}
