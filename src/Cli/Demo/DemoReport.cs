using System.Globalization;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Cli.Simulation;
using Etl.Contracts.Workflow;
using Etl.Jobs.Trucks;
using Etl.Lake;
using Etl.Metadata;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Demo;

/// <summary>What a newcomer is told at the end of the demo: what flowed, how fast, how it looks, where it is, what to try next.</summary>
internal sealed class DemoReport
{
    private const string Rows = """
        select hour, truck_id, events, round(engine_speed_avg, 2) as avg_kmh, round(distance_covered_max - distance_covered_min, 1) as km, round(distance_time_corr, 6) as distance_time_corr
        from truck_hourly order by hour, truck_id limit 5
        """;

    private const string PerHour = "select hour, sum(events)::bigint as events from truck_hourly group by hour order by hour";

    private readonly List<(DateTimeOffset Hour, double Events)> _perHour = [];
    private Table _table = new();

    private DemoReport(DemoDocument document) => Document = document;

    public DemoDocument Document { get; }

    private IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>What the next calls need to find this folder; "" where it is the usual one.</summary>
    private string DataOption { get; init; } = "";

    public static async Task<DemoReport> MakeAsync(
        Invocation invocation, TopicAccess topics, Engine engine, Dag dag, Run run, NodeWork work, double seconds, CancellationToken cancel)
    {
        var progress = await engine.Metadata.Catalog.ProgressAsync(TrucksDag.Topic, cancel);
        long landed = progress.Sum(part => part.Landed), rejected = progress.Sum(part => part.Rejected);
        async Task<int> DoneAsync(string step) => (await engine.Metadata.Ledger.ListAsync(new SlotFilter { Steps = [$"{dag.Name}/{step}"], States = [SlotState.Done] }, cancel)).Count;

        var report = new DemoReport(new(
            landed + rejected, landed, rejected, await DoneAsync("truck_hourly"), await DoneAsync("truck_daily"), Math.Round(seconds, 3), Math.Round(work.Landed / seconds), engine.Folder.Path, run.Id, run.State))
        {
            Places = [.. PlacesOf(engine, topics)],
            DataOption = OptionsOf(invocation.Settings),
        };
        using var query = engine.NewQuery(invocation.Clock);
        using (var rows = await query.AskAsync(Rows, cancel)) report._table = RowsView.Table(rows.Rows, rows.Count);
        using (var hours = await query.AskAsync(PerHour, cancel))
            for (int row = 0; row < hours.Count; row++) report._perHour.Add(((DateTimeOffset)hours.Rows.GetValue(0, row)!, Convert.ToDouble(hours.Rows.GetValue(1, row), CultureInfo.InvariantCulture)));
        return report;
    }

    private static string OptionsOf(EtlSettings settings) => settings.Data switch
    {
        var data when data == new EtlSettings().Data => "",
        ClusterProfile.Data => $" --profile {ClusterProfile.Name}",
        var data => (settings.Metadata.Store == "mysql" ? $" --profile {ClusterProfile.Name}" : "") + $" --data {data}",
    };

    public void Draw(IAnsiConsole people)
    {
        var document = Document;
        people.WriteLine();
        people.MarkupLine($"[bold]{document.Events:N0}[/] events of {DemoRun.Trucks} trucks → [bold]{document.Hours}[/] hours and [bold]{document.Days}[/] days in [bold]{document.Seconds:F1} s[/]"
            + (document.EventsPerSecond > 0 ? $", {document.EventsPerSecond:N0} events/s from the first event to the last table" : "; all was done before, nothing was repeated") + $", {document.Rejected:N0} rejected");
        people.WriteLine();
        people.MarkupLine("First rows of [bold]truck_hourly[/]:");
        people.Write(_table);
        if (_perHour.Count > 0)
        {
            people.MarkupLine($"Events per hour, {_perHour[0].Hour:yyyy-MM-dd HH:mm}Z and on ({_perHour.Min(hour => hour.Events):N0} to {_perHour.Max(hour => hour.Events):N0}; dips are trucks at the pump):");
            people.WriteLine(Sparkline.Of([.. _perHour.Select(hour => hour.Events)]));
        }
        people.WriteLine();
        people.MarkupLine("[bold]Where things are[/]");
        foreach (string place in Places) people.MarkupLine($"  {place}");
        people.WriteLine();
        people.MarkupLine("[bold]What to try next[/]");
        string data = Markup.Escape(DataOption);
        people.MarkupLine($"  ./etl sql \"select truck_id, hours, engine_speed_avg from truck_daily limit 5\"{data}");
        people.MarkupLine($"  ./etl why truck_hourly 2026-03-01T06:00Z{data}      [grey]# what this hour was made of[/]");
        people.MarkupLine($"  ./etl reconcile truck_hourly --from 2026-03-01 --to 2026-03-03{data}      [grey]# topic = lake = every sink[/]");
        people.MarkupLine($"  ./etl simulate trucks --start 2026-03-01 --days 4{data} && ./etl run trucks{data}      [grey]# a fourth day[/]");
        people.MarkupLine($"  ./etl runs show {Document.Run}{data}      [grey]# the run that this was[/]");
        people.MarkupLine($"  ./etl lake ls{data}      [grey]# datasets, files, rows[/]");
    }

    private static IEnumerable<string> PlacesOf(Engine engine, TopicAccess topics)
    {
        string lake = engine.Lake.Options.Folder;
        yield return $"lake     {Markup.Escape(lake)} [grey]({engine.Lake.Options.ParquetVersion} Parquet, zstd)[/]";
        yield return $"tables   {Markup.Escape(Engine.ResultsFile(engine.Folder))} [grey](SQLite: truck_hourly, truck_daily, TRUCK_DISTANCE_CORRELATION, TRUCK_ENGINE_SPEED_CORRELATION, TRUCK_PARAMETER_MAP)[/]";
        if (engine.Settings.Cassandra.IsSet) yield return $"         Cassandra keyspace {Markup.Escape(engine.Settings.Cassandra.Keyspace)} [grey](the same tables)[/]";
        if (engine.Settings.MySql.IsSet) yield return $"         MySQL database {Markup.Escape(engine.Settings.MySql.Database)} [grey](the same tables)[/]";
        yield return topics.Servers.IsEmbeddedKafka ? $"topic    {TrucksDag.Topic} [grey]in {Markup.Escape(engine.Folder.In("broker"))}; `./etl up` serves it to any Kafka client[/]" : $"topic    {TrucksDag.Topic} [grey]at {Markup.Escape(topics.Servers.Kafka)}[/]";
    }
}

/// <summary>The demo's answer for programs.</summary>
/// <param name="Events">Records of the topic that were read: landed + rejected.</param>
/// <param name="Hours">Hours of truck_hourly that are built.</param>
/// <param name="Days">Days of truck_daily that are built.</param>
/// <param name="EventsPerSecond">Events landed by this call, per second of all it did; 0 when there was nothing to do.</param>
/// <param name="Data">The folder of all state.</param>
/// <param name="Run">The number of its run in the ledger.</param>
internal sealed record DemoDocument(long Events, long Landed, long Rejected, int Hours, int Days, double Seconds, double EventsPerSecond, string Data, long Run, RunState State);
