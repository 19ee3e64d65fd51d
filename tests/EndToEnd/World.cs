using System.Text;
using Etl.Cli;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Jobs.Trucks;
using Etl.Lake;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Etl.Sources.Trucks;
using Etl.Topics;

namespace Etl.Tests.EndToEnd;

/// <summary>The whole pipeline of the trucks in this process: a data folder, servers, an engine; what a call of the program puts together.</summary>
public sealed class World : IAsyncDisposable
{
    private World(EtlSettings settings, DataFolder folder, Servers servers) => (Settings, Folder, Servers, Topics) = (settings, folder, servers, new TopicAccess(servers, settings, folder));

    public static Product Trucks { get; } = Composition.Products.First(product => product.Dag.Name == "trucks");

    public static LakeInput Events { get; } = LakeInputs.Of(Trucks.Dag.Steps.OfType<LandStep>().Single());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public EtlSettings Settings { get; private set; }

    public DataFolder Folder { get; }

    public Servers Servers { get; }

    public TopicAccess Topics { get; }

    public Engine Engine { get; private set; } = null!;

    public IMetadata Store => Engine.Metadata;

    /// <summary>Where SQLite's tables are.</summary>
    public string ResultsFile => Engine.ResultsFile(Folder);

    /// <summary>A fleet that is on the road for some hours of 1 March 2026 in Berlin; about 700 events a truck and hour.</summary>
    public static TruckSimulatorOptions Fleet(int trucks, double hours, double startHour = 0, long seed = 1)
    {
        var day = Trucks.Dag.Calendar.Day(new(2026, 3, 1)).Start;
        return new() { Seed = seed, Trucks = trucks, Start = day + TimeSpan.FromHours(startHour), End = day + TimeSpan.FromHours(startHour + hours) };
    }

    public static List<TruckTelemetry> Reports(TruckSimulatorOptions fleet) => [.. new TruckSimulator(fleet).Reports()];

    /// <summary>A new folder, with topic and schema declared; embedded unless <paramref name="settings"/> says otherwise.</summary>
    public static async Task<World> OpenAsync(EtlSettings? settings = null)
    {
        settings = (settings ?? new EtlSettings()) with { Data = Directory.CreateTempSubdirectory("etl-e2e-").FullName };
        var folder = DataFolder.Open(settings.Data);
        var world = new World(settings, folder, await Servers.OpenAsync(settings, folder, TimeProvider.System, Cancel));
        await world.Topics.DeclareAsync(Trucks, Cancel);
        await world.StartEngineAsync();
        return world;
    }

    /// <summary>What the next process does: opens everything on the lake anew and sweeps what the last one left.</summary>
    public async Task RestartEngineAsync(Func<EtlSettings, EtlSettings>? change = null)
    {
        await Engine.DisposeAsync();
        if (change is not null) Settings = change(Settings);
        await StartEngineAsync();
    }

    /// <summary>Sends events as the simulator does: keyed by truck, in the order given.</summary>
    public async Task ProduceAsync(IEnumerable<TruckTelemetry> events)
    {
        int schema = await Topics.Schemas.RegisterAsync<TruckTelemetry>(TrucksDag.Topic, Cancel);
        using var producer = await TopicProducer.OpenAsync(Topics.Kafka, TrucksDag.Topic, new ProducerOptions(), Cancel);
        foreach (var report in events) producer.Send(Encoding.UTF8.GetBytes(report.TruckId), schema, report);
        (await producer.FlushAsync(Cancel)).EnsureDelivered();
    }

    /// <summary>Sends values as they are.</summary>
    public async Task ProduceRawAsync(IEnumerable<(string Key, byte[] Value)> records)
    {
        using var producer = await TopicProducer.OpenAsync(Topics.Kafka, TrucksDag.Topic, new ProducerOptions(), Cancel);
        foreach (var (key, value) in records) producer.Send(Encoding.UTF8.GetBytes(key), value);
        (await producer.FlushAsync(Cancel)).EnsureDelivered();
    }

    /// <summary>One run of the DAG; a slot that failed is told at once.</summary>
    public async Task<RunReport> RunAsync()
    {
        var report = await Engine.NewRun(TimeProvider.System).RunAsync(Trucks.Dag, Topics.FeedsOf(Trucks, Engine, TimeProvider.System), null, Cancel);
        report.Open.Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.State}, {slot.Reason}").ShouldBeEmpty();
        return report;
    }

    /// <summary>Read = landed + rejected in each partition, up to the log's end.</summary>
    public async Task<(long Landed, long Rejected)> LandedAsync()
    {
        using var admin = new TopicAdmin(Topics.Kafka);
        var progress = await Store.Catalog.ProgressAsync(TrucksDag.Topic, Cancel);
        var ends = await admin.OffsetsAsync(TrucksDag.Topic, progress.Select(part => part.Partition), OffsetAt.End, Cancel);
        foreach (var (part, end) in progress.OrderBy(part => part.Partition).Zip(ends))
        {
            part.Next.ShouldBe(end.Next, $"partition {part.Partition}");
            (part.Landed + part.Rejected).ShouldBe(end.Next, $"partition {part.Partition}: read = landed + rejected");
        }
        return (progress.Sum(part => part.Landed), progress.Sum(part => part.Rejected));
    }

    public async Task<int> LiveFilesAsync() => (await Store.Catalog.FilesAsync(Events.Dataset, await Store.Commits.HeadAsync(Cancel), Cancel)).Count;

    public async Task<CompactionReport> CompactAsync()
    {
        long token = await Store.Commits.OpenWriterAsync("compaction", TimeSpan.FromMinutes(5), Cancel);
        var report = await new Compaction(Engine.Lake, Engine.Committer).RunAsync(Events, token, Cancel);
        await Store.Commits.CloseWriterAsync(token, Cancel);
        return report;
    }

    /// <summary>Builds everything once more out of the lake as it is now, as after a change of the SQL.</summary>
    public async Task<RunReport> RebuildAsync()
    {
        var slots = await Store.Ledger.ListAsync(new() { Steps = [.. Trucks.Dag.Steps.OfType<BuildStep>().Select(step => step.FullName)], Max = 100_000 }, Cancel);
        await Store.Ledger.MoveAsync([.. slots.Select(slot => new SlotMove(slot, SlotState.Queued, "rebuilt by the test"))], Cancel);
        return await RunAsync();
    }

    /// <summary>A table of SQLite, a row a line.</summary>
    public IReadOnlyList<string> Rows(string table) => new SqliteTables(ResultsFile).Read(table);

    /// <summary>The lake against its manifest and the log's positions, every row read.</summary>
    public async Task ShouldVerifyAsync() => (await new Verify(Engine.Lake).RunAsync([Events], readRows: true, Cancel)).Findings.Select(finding => finding.ToString()).ShouldBeEmpty();

    /// <summary>Lake and SQLite hold exactly these events, and what plain arithmetic makes of them.</summary>
    public async Task ShouldHoldExactlyAsync(IReadOnlyCollection<TruckTelemetry> events)
    {
        (await LandedAsync()).Landed.ShouldBe(events.Count);
        await ShouldVerifyAsync();
        TruckOracle.Of(events).ShouldEqual(new SqliteTables(ResultsFile));
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Topics.DisposeAsync();
        await Servers.DisposeAsync();
        Folder.Dispose();
        Directory.Delete(Folder.Path, recursive: true);
    }

    private async Task StartEngineAsync()
    {
        Engine = await Engine.OpenAsync(Settings, Folder, TimeProvider.System, Cancel);
        await Engine.SweepAsync(Cancel);
    }
}
