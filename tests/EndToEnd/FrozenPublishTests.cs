using System.Diagnostics;
using System.Globalization;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Sinks.Cassandra.Cql;
using Etl.Tests.PublishWorker;

namespace Etl.Tests.EndToEnd;

/// <summary>SIGSTOP of a process in the middle of a publish; another publishes its windows at a higher version; SIGCONT. What the frozen one writes late is refused by MySQL, and loses in Cassandra.</summary>
/// <remarks>Two processes work for all rounds; whichever comes by the round's point first freezes there.</remarks>
public sealed class FrozenPublishTests : IAsyncDisposable
{
    private const int WindowsPerRound = 3;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";
    private static readonly string Program = SourceTree.PathOf("artifacts", "bin", "Etl.Tests.PublishWorker", "release", "Etl.Tests.PublishWorker");

    /// <summary>Where it freezes, and what comes of the window that it had in hand.</summary>
    private static readonly (SinkName Sink, CrashPoint Point, string Late)[] Moments =
    [
        (Etl.Jobs.Sinks.MySql, CrashPoint.PublishIntended, "Skipped (mysql holds a newer version"), // before: refused
        (Etl.Jobs.Sinks.Cassandra, CrashPoint.PublishHalf, "Done"), // in the middle: the rest is written, and loses cell by cell
        (Etl.Jobs.Sinks.MySql, CrashPoint.PublishHalf, "Skipped (mysql holds a newer version"), // in a transaction, which the server undoes
        (Etl.Jobs.Sinks.Cassandra, CrashPoint.PublishIntended, "Skipped (cassandra holds a newer version"),
        (Etl.Jobs.Sinks.MySql, CrashPoint.PublishWritten, "Done"), // written, not yet confirmed: another's confirmation stays
        (Etl.Jobs.Sinks.Cassandra, CrashPoint.PublishWritten, "Done"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-frozen-").FullName;
    private readonly List<(Process Process, WorkerProcess Worker)> _workers = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_write_is_refused_in_MySQL_and_loses_in_Cassandra()
    {
        await using var database = RealServers.NewDatabase();
        var places = new PublishPlaces(RealServers.MySql, database.Name, _folder, RealServers.Cassandra, $"etl_e2e_{Guid.NewGuid():N}"[..40]);
        await using var parts = await PublishParts.OpenAsync(places, seed: 1, Cancel);
        try
        {
            for (int worker = 0; worker < 2; worker++)
            {
                var process = Process.Start(new ProcessStartInfo(Program, places.Arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
                _workers.Add((process, new(process)));
            }
            foreach (var (_, worker) in _workers) await worker.TokenAsync();
            long token = await parts.Metadata.Commits.OpenWriterAsync("builder", TimeSpan.FromMinutes(30), Cancel);
            for (int round = 0; round < (IsLong ? 54 : Moments.Length); round++) await RoundAsync(parts, round, token);
            _workers.ShouldAllBe(one => !one.Process.HasExited, Said);
        }
        finally
        {
            await EndWorkersAsync();
            await using var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint(places.Cassandra).Build();
            await using var session = await cluster.ConnectAsync();
            await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {places.Keyspace}"));
        }
    }

    private async Task RoundAsync(PublishParts parts, int round, long token)
    {
        var (sink, point, late) = Moments[round % Moments.Length];
        var (name, where) = ($"round-{round}", $"round {round}, {point} of {sink}");
        var start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddHours(WindowsPerRound * round);
        Window[] windows = [.. PublishParts.Dag.Calendar.Between(Grain.Hour, start, start.AddHours(WindowsPerRound))];
        foreach (var window in windows) await parts.StoreAsync(window, Sql(Lower), token, Cancel);
        new Freezer(_folder).Order(name, sink, point);
        string step = PublishParts.StepOf(sink).FullName;
        await parts.Metadata.Ledger.PlanAsync([.. windows.Select(window => new PlannedSlot(new(step, window), Lane.Live, SlotState.Queued))], Cancel);
        await UntilAsync($"{where}: frozen", () => Task.FromResult(_workers.Any(one => one.Worker.All.Contains($"frozen {name} ", StringComparison.Ordinal))));
        var (process, frozen) = _workers.Single(one => one.Worker.All.Contains($"frozen {name} ", StringComparison.Ordinal));
        await UntilAsync($"{where}: stopped", () => Task.FromResult(StateOf(process) == 'T'));

        var versions = new Dictionary<Window, long>();
        foreach (var window in windows) versions[window] = await parts.StoreAsync(window, Sql(Higher), token, Cancel);
        await UntilAsync($"{where}: published by the other", async () =>
        {
            var slots = await parts.Metadata.Ledger.FindAsync([.. windows.Select(window => new SlotId(step, window))], Cancel);
            // What was published before the higher versions came: the planner's work.
            await parts.Metadata.Ledger.MoveAsync([.. slots.Where(slot => slot.State == SlotState.Done && slot.Version < versions[slot.Id.Window]).Select(slot => new SlotMove(slot, SlotState.Queued, "newer"))], Cancel);
            return slots.All(slot => slot.State == SlotState.Done && slot.Version == versions[slot.Id.Window]);
        });
        StateOf(process).ShouldBe('T', where);
        await ShouldHoldHigherAsync(parts, sink, versions, $"{where}, while it is frozen");

        await frozen.ThawAsync();
        await frozen.ForAsync($"over {name}");
        frozen.All.ShouldContain($"late {name}: {late}", customMessage: $"{where}:\n{Said}");
        await ShouldHoldHigherAsync(parts, sink, versions, $"{where}, after its late write");
        foreach (var slot in await parts.Metadata.Ledger.FindAsync([.. windows.Select(window => new SlotId(step, window))], Cancel))
            (slot.State, slot.Version).ShouldBe((SlotState.Done, versions[slot.Id.Window]), where);
        // What a next publish takes for the versions in the sink: the confirmed one is the newest, whatever was confirmed or intended late.
        foreach (var (window, version) in versions)
            (await parts.Metadata.Publishes.IntendAsync(sink.Name, PublishParts.StepOf(sink).Table, window, version + 1, Cancel))[^1].ShouldBe(version, where);
    }

    private static async Task ShouldHoldHigherAsync(PublishParts parts, SinkName sink, Dictionary<Window, long> versions, string where)
    {
        foreach (var (window, version) in versions)
        {
            (await parts.SinkOf(sink).VersionAsync(PublishParts.StepOf(sink).Table, window, Cancel)).ShouldBe(version, $"{where}: {window}");
            (await parts.ReadAsync(sink, window, Cancel)).Select(row => ((string)row[1]!, (long)row[2]!, (double?)row[3])).ShouldBe(Higher, $"{where}: {window}");
        }
    }

    /// <summary>More keys than fit one write; of one of them nothing is left, one has a value that becomes null, and the reverse.</summary>
    private static (string Id, long Count, double? Speed)[] Lower { get; } = [.. Enumerable.Range(1, 8).Select(key => ($"key-{key}", 100L + key, key == 3 ? null : (double?)key / 2))];

    private static (string Id, long Count, double? Speed)[] Higher { get; } = [.. Enumerable.Range(2, 8).Select(key => ($"key-{key}", 200L + key, key == 8 ? null : (double?)key / 4))];

    private static string Sql((string Id, long Count, double? Speed)[] rows) =>
        $"select * from (values {string.Join(", ", rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"('{row.Id}', {row.Count}::bigint, {(row.Speed is { } speed ? speed.ToString(CultureInfo.InvariantCulture) : "null")}::double)")))}) as given(id, count, speed)";

    /// <summary>T where it is stopped; from /proc.</summary>
    private static char StateOf(Process process)
    {
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }

    private async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !await isSo(); await Task.Delay(20, Cancel))
            if (watch.Elapsed > WorkerRoom.Longest) Assert.Fail($"not {what} within {WorkerRoom.Longest}:\n{Said}");
    }

    private string Said => string.Join("\n", _workers.Select(one => one.Worker.All));

    private async Task EndWorkersAsync()
    {
        foreach (var (process, _) in _workers)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _workers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndWorkersAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
