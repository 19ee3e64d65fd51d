using System.Runtime.InteropServices;

namespace Etl.Codecs.Columns;

/// <summary>How many rows a source has of one hour.</summary>
/// <param name="Hour">Hours since 1970-01-01T00 UTC.</param>
/// <param name="Rows">1 or more.</param>
public readonly record struct HourRows(int Hour, long Rows);

/// <summary>
/// The rows of a batch in the order of (hour, partition, arrival), though they lie in the order of arrival: runs, noted while decoding and
/// sorted once, when first read. A row costs a comparison where it goes on with the run before it, else 24 bytes. One thread at a time.
/// </summary>
/// <param name="batch">Where the rows lie.</param>
/// <param name="runsMax">Runs it holds at most: at worst one for each row of the largest batch.</param>
public sealed class OrderedRuns(ColumnBatch batch, int runsMax = OrderedRuns.RunsMaxDefault) : IColumnSource
{
    public const int RunsMaxDefault = 4 * 1024 * 1024;

    private const long MicrosPerHour = 3_600_000_000;

    private readonly List<Entry> _runs = [];
    private readonly List<HourRows> _hours = [];
    private bool _sorted;

    public IReadOnlyList<ColumnField> Fields => batch.Fields;

    public int RunCount => _runs.Count;

    /// <summary>Rows appended.</summary>
    public long RowCount { get; private set; }

    /// <summary>The rows of each hour, hours rising.</summary>
    public IReadOnlyList<HourRows> Hours
    {
        get
        {
            Sort();
            return _hours;
        }
    }

    /// <summary>The hour of an instant: hours since 1970-01-01T00 UTC, negative before it.</summary>
    /// <param name="micros">Microseconds since 1970-01-01 UTC, within the years that columns hold.</param>
    public static int HourOf(long micros) => (int)(micros >= 0 ? micros / MicrosPerHour : (micros + 1) / MicrosPerHour - 1);

    /// <summary>Adds one row; rows come in the order of arrival. Not allowed between reading and <see cref="Clear"/>.</summary>
    /// <param name="block">Index of the row's block in the batch.</param>
    /// <param name="row">Index of the row in the block.</param>
    /// <exception cref="InvalidOperationException">More runs than <c>runsMax</c>, or read before.</exception>
    public void Append(int hour, int partition, int block, int row)
    {
        if (_sorted) throw new InvalidOperationException("rows were read in order already: call Clear before the next batch");
        var runs = CollectionsMarshal.AsSpan(_runs);
        if (runs.Length > 0)
        {
            ref var last = ref runs[^1];
            if (last.Hour == hour && last.Partition == partition && last.Block == block && last.First + last.Count == row)
            {
                last.Count++;
                RowCount++;
                return;
            }
        }
        if (runs.Length >= runsMax) throw new InvalidOperationException($"found more than {runsMax:N0} runs in one batch (runsMax): close batches earlier");
        _runs.Add(new(hour, partition, runs.Length, block, row));
        RowCount++;
    }

    public RowRun Run(int index)
    {
        Sort();
        var run = _runs[index];
        return new(run.Block, run.First, run.Count);
    }

    /// <summary>Hour and partition of a run.</summary>
    public (int Hour, int Partition) GroupOf(int index)
    {
        Sort();
        return (_runs[index].Hour, _runs[index].Partition);
    }

    public ColumnBlock Block(int index) => batch.Block(index);

    /// <summary>Forgets the rows, not the batch's.</summary>
    public void Clear()
    {
        _runs.Clear();
        _hours.Clear();
        RowCount = 0;
        _sorted = false;
    }

    private void Sort()
    {
        if (_sorted) return;
        _sorted = true;
        var runs = CollectionsMarshal.AsSpan(_runs);
        runs.Sort();
        foreach (ref readonly var run in runs)
        {
            if (_hours.Count > 0 && _hours[^1].Hour == run.Hour) _hours[^1] = new(run.Hour, _hours[^1].Rows + run.Count);
            else _hours.Add(new(run.Hour, run.Count));
        }
    }

    private struct Entry(int hour, int partition, int arrival, int block, int first) : IComparable<Entry>
    {
        public readonly int Hour = hour;
        public readonly int Partition = partition;
        public readonly int Block = block;
        public readonly int First = first;
        public int Count = 1;
        private readonly int arrival = arrival;

        public readonly int CompareTo(Entry other)
        {
            if (Hour != other.Hour) return Hour < other.Hour ? -1 : 1;
            if (Partition != other.Partition) return Partition < other.Partition ? -1 : 1;
            return arrival.CompareTo(other.arrival);
        }
    }
}
