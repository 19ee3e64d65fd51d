using System.Globalization;
using Etl.Codecs.Avro.Wire;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Topics;

namespace Etl.Jobs.Steps.Landing;

/// <summary>Records of one batch on their way into a file: decoded where they are read, in order of arrival, and noted by hour. Used again and again.</summary>
/// <remarks>One thread at a time: first the reader's, then a writer's.</remarks>
internal sealed class LandingBatch : IDisposable
{
    private readonly LandStep _step;
    private readonly LandingSchema _schema;
    private readonly LandOptions _options;
    private readonly ColumnBatch _columns;
    private readonly PartitionCount[] _counts;
    private readonly List<Reject> _rejects = [];
    private readonly SortedSet<int> _schemaIds = [];
    private int _lastSchemaId = -1;
    private long _records;
    private long _bytes;
    private long _earliest;
    private long _latest;

    public LandingBatch(LandStep step, LandingSchema schema, LandOptions options, int partitions)
    {
        (_step, _schema, _options) = (step, schema, options);
        _columns = new(schema.Fields);
        Rows = new(_columns);
        _counts = new PartitionCount[partitions];
    }

    /// <summary>The decoded rows by (hour, partition, offset).</summary>
    public OrderedRuns Rows { get; }

    /// <summary>The decoded rows as they came.</summary>
    public ColumnBatch Columns => _columns;

    public IReadOnlyList<Reject> Rejects => _rejects;

    /// <summary>Registry ids of the schemas that the landed records were written in.</summary>
    public IReadOnlyCollection<int> SchemaIds => _schemaIds;

    /// <summary>Records taken.</summary>
    public long Records => _records;

    public PartitionCount CountOf(int partition) => _counts[partition];

    /// <summary>Forgets everything; event times are judged as of <paramref name="now"/> from here on.</summary>
    public void Begin(DateTimeOffset now)
    {
        Rows.Clear();
        _columns.Clear();
        _rejects.Clear();
        _schemaIds.Clear();
        _lastSchemaId = -1;
        Array.Clear(_counts);
        (_records, _bytes) = (0, 0);
        _earliest = Math.Max(Micros.Of(Acceptance.Earliest), _step.Accept.PastMax is { } past ? Micros.Of(now - past) : long.MinValue);
        _latest = Micros.Of(now + _step.Accept.FutureMax);
    }

    /// <summary>As <see cref="Begin"/>, but any event time is taken.</summary>
    public void BeginAny()
    {
        Begin(DateTimeOffset.UnixEpoch);
        (_earliest, _latest) = (long.MinValue, long.MaxValue);
    }

    /// <summary>Decodes a record into the columns, or keeps it as a reject.</summary>
    /// <param name="generation">Of the topic, for the reject.</param>
    /// <exception cref="BatchOverflowException">The batch has outgrown its bounds.</exception>
    public void Take(NativeRecord record, int generation, WriterPlans plans)
    {
        _bytes += record.Value.Length;
        if (_records++ > 0 && _bytes > _options.MegabytesPerBatch * 1_000_000L) throw new BatchOverflowException();
        ref var count = ref _counts[record.Partition];
        if (record.IsTombstone) Refuse(record, generation, RejectReason.NoValue, "found a record without value, expected an event");
        else if (WireFormat.Read(record.Value, out int id, out var payload) is { } problem) Refuse(record, generation, problem.Fault.ToString(), problem.Place);
        else if (plans.Find(id) is var plan && plan.Columns is null) Refuse(record, generation, plan.Reason, plan.Detail);
        else if (Decode(record, generation, id, payload, plan.Columns)) count.Landed++;
    }

    private bool Decode(NativeRecord record, int generation, int id, ReadOnlySpan<byte> payload, ColumnPlan plan)
    {
        var block = _columns.Open();
        int row = block.Count;
        var result = plan.Decode(payload, block, row);
        if (!result.IsDone)
        {
            Refuse(record, generation, result.Fault.ToString(), $"schema id {id}, {plan.Describe(result).Place}");
            return false;
        }

        var columns = block.Columns;
        if (Broken(columns, row) is { } broken)
        {
            block.Drop(row);
            Refuse(record, generation, broken.Reason, broken.Detail);
            return false;
        }
        int origin = _schema.PartitionColumn;
        columns[origin].Values<int>()[row] = record.Partition;
        columns[origin + 1].Values<long>()[row] = record.Offset;
        columns[origin + 2].Values<int>()[row] = id;
        block.Count = row + 1;
        if (id != _lastSchemaId) _schemaIds.Add(_lastSchemaId = id);
        Rows.Append(OrderedRuns.HourOf(columns[_schema.TimeColumn].Values<long>()[row]), record.Partition, _columns.BlockCount - 1, row);
        return true;
    }

    /// <summary>The first declared rule that a decoded row breaks.</summary>
    private (string Reason, string Detail)? Broken(ReadOnlySpan<ColumnVector> columns, int row)
    {
        var times = columns[_schema.TimeColumn];
        if (times.IsNull(row)) return (RejectReason.TimeMissing, $"{_step.Time} is null, expected an instant");
        long time = times.Values<long>()[row];
        if (time < _earliest || time > _latest)
            return (RejectReason.TimeNotAccepted, $"{_step.Time} is {Text(time)}, expected {Text(_earliest)} to {Text(_latest)}");
        foreach (int index in _schema.MeasureColumns)
        {
            var column = columns[index];
            double value = column.Type.Kind == ColumnKind.Double ? column.Values<double>()[row] : column.Values<float>()[row];
            if (!double.IsFinite(value)) return (RejectReason.NotFinite, string.Create(CultureInfo.InvariantCulture, $"{_schema.Fields[index].Name} is {value}, expected a finite number"));
        }
        return null;
    }

    private void Refuse(NativeRecord record, int generation, string reason, string detail)
    {
        if (_rejects.Count == LandOptions.RejectsPerBatch) throw new BatchOverflowException();
        var value = record.Value;
        if (value.Length > Reject.BytesMax) detail += $"; the value's first {Reject.BytesMax:N0} of {value.Length:N0} bytes are kept";
        _counts[record.Partition].Rejected++;
        _rejects.Add(new(_step.Dataset, _step.Topic, generation, record.Partition, record.Offset, reason, detail, Head(record.Key), Head(value)));
    }

    private static byte[] Head(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, Reject.BytesMax)].ToArray();

    private static string Text(long micros) => Micros.ToInstant(micros).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public void Dispose() => _columns.Dispose();
}

internal struct PartitionCount
{
    public long Landed;
    public long Rejected;
}

/// <summary>A batch has more bytes or rejects than it may: it is begun anew with fewer records. Nobody but the landing sees this.</summary>
internal sealed class BatchOverflowException() : Exception("the batch has outgrown its bounds");
