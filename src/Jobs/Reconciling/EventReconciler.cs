using System.Globalization;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps.Landing;
using Etl.Lake;
using Etl.Topics;

namespace Etl.Jobs.Reconciling;

/// <summary>Compares landed events with the topic they came from: it is read and decoded again, up to where landing stands, and summed by hour. Rejected records, which are kept as such, do not count.</summary>
public sealed class EventReconciler(LandStep step, string declared, ParquetLake lake, LandedState landed, KafkaOptions kafka, TopicAdmin admin, TopicSchemas schemas, LandOptions options)
{
    /// <summary>Rows of one day that are in memory at once.</summary>
    private const int RowsOfDayMax = 100_000_000;

    /// <exception cref="TopicException">The topic is away.</exception>
    /// <exception cref="Etl.Contracts.StoreException">The lake is away.</exception>
    public async Task<Reconciliation> RunAsync(IReadOnlyList<Window> hours, long asOf, CancellationToken cancel)
    {
        string place = $"topic {step.Topic}";
        if (hours.Count == 0) return new(step.Dataset, [place], 0, 0, [], []);
        var (from, to) = (hours[0].Start, hours[^1].End);
        var progress = landed.Progress;
        var topic = await admin.FindAsync(step.Topic, cancel);
        if (topic is null || progress.Any(part => part.TopicId != topic.Id)) return new(step.Dataset, [place], 0, 0, [], [$"{place}: found {(topic is null ? "no such topic" : "another topic of that name")}, expected the one that was landed; nothing was compared"]);
        var first = (await admin.OffsetsAsync(step.Topic, progress.Select(part => part.Partition), OffsetAt.Start, cancel)).ToDictionary(start => start.Partition, start => start.Next);
        var schema = LandingSchema.Of(step, declared, landed.Schemas);
        var there = await TopicAsync(schema, progress, first, Micros.Of(from), Micros.Of(to), cancel);
        var here = new WindowSums();
        long rows = await LakeAsync(here, schema, hours, asOf, first, cancel);
        var differences = hours.Where(hour => here.Of(hour.Start) != there.Of(hour.Start)).Select(hour => new Difference(hour, place, here.Of(hour.Start), there.Of(hour.Start), null, null, [])).ToList();
        string[] notes = [.. first.Where(pair => pair.Value > 0).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{place} partition {pair.Key}: offsets below {pair.Value:N0} are no longer there; events from there on were compared"))];
        return new(step.Dataset, [place], hours.Count, rows, differences, notes);
    }

    private async Task<WindowSums> TopicAsync(LandingSchema schema, IReadOnlyList<PartitionProgress> progress, Dictionary<int, long> first, long from, long to, CancellationToken cancel)
    {
        var sums = new WindowSums();
        using var reader = await TopicReader.OpenAsync(kafka, step.Topic, cancel);
        var plans = new WriterPlans(schema.Shape, schemas, cancel);
        using var batch = new LandingBatch(step, schema, options, progress.Max(part => part.Partition) + 1);
        var positions = progress.ToDictionary(part => part.Partition, part => first[part.Partition]);
        var ends = progress.ToDictionary(part => part.Partition, part => part.Next);
        int records = options.RecordsPerBatch;
        while (BatchShares.Next(positions, ends, records) is { Count: > 0 } ranges)
        {
            batch.BeginAny();
            try { await reader.ReadRangeAsync(ranges, record => { if (!landed.Rejected.Contains((record.Partition, record.Offset))) batch.Take(record, progress[0].Generation, plans); }, cancel); }
            catch (BatchOverflowException)
            {
                records = Math.Max(1, records / 4);
                continue;
            }
            foreach (var range in ranges) positions[range.Partition] = range.To;
            Add(sums, batch.Columns, schema, from, to, null);
        }
        return sums;
    }

    private async Task<long> LakeAsync(WindowSums sums, LandingSchema schema, IReadOnlyList<Window> hours, long asOf, Dictionary<int, long> first, CancellationToken cancel)
    {
        long rows = 0;
        string columns = string.Join(", ", schema.Fields.Select(field => $"\"{field.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
        foreach (var day in hours.GroupBy(hour => hour.Start.UtcDateTime.Date).Select(day => day.ToList()))
        {
            var window = new Window(Grain.Day, day[0].Start, day[^1].End, day[0].Zone);
            await using var snapshot = await lake.OpenAsync([LakeInput.Events(step.Dataset, step.Time)], window, asOf, cancel); // without identity: each landed row, also one that a newer one replaces
            using var batch = await snapshot.RowsAsync($"select {columns} from \"{step.Dataset}\"", RowsOfDayMax, cancel);
            rows += Add(sums, batch, schema, long.MinValue, long.MaxValue, first);
        }
        return rows;
    }

    /// <param name="first">Rows of offsets below are left out; null for all.</param>
    private static long Add(WindowSums sums, ColumnBatch batch, LandingSchema schema, long from, long to, Dictionary<int, long>? first)
    {
        var hash = new RowHash();
        int[] all = [.. Enumerable.Range(0, schema.Fields.Count)], key = [schema.PartitionColumn, schema.PartitionColumn + 1];
        object?[] values = new object?[all.Length];
        long rows = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            long time = batch.Get<long>(schema.TimeColumn, row);
            if (time < from || time >= to || (first is not null && batch.Get<long>(schema.PartitionColumn + 1, row) < first.GetValueOrDefault(batch.Get<int>(schema.PartitionColumn, row)))) continue;
            for (int column = 0; column < values.Length; column++) values[column] = batch.GetValue(column, row);
            sums.Add(Micros.ToInstant(Micros.HourOf(time)), hash.Of(values, key), hash.Of(values, all));
            rows++;
        }
        return rows;
    }
}

/// <summary>What the store says of a landed topic.</summary>
/// <param name="Progress">Every partition of the current generation.</param>
/// <param name="Schemas">Of the dataset, ascending.</param>
/// <param name="Rejected">Partition and offset of what was kept as a reject, of the current generation.</param>
public sealed record LandedState(IReadOnlyList<PartitionProgress> Progress, IReadOnlyList<DatasetSchema> Schemas, IReadOnlySet<(int Partition, long Offset)> Rejected);
