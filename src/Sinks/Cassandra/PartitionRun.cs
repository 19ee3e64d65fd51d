using Etl.Contracts.Results;

namespace Etl.Sinks.Cassandra;

/// <summary>Rows of one window that follow each other in key order and are of one partition.</summary>
/// <param name="Column">Of the key's first column, which with the bucket names the partition; -1 where the key is the window alone.</param>
internal readonly record struct PartitionRun(CassandraWindow Window, RowsByKey Rows, int Column, int First, int Count)
{
    /// <summary>All rows of some windows: runs of one partition follow each other, in the windows' order.</summary>
    public static List<PartitionRun> Of(ResultTable table, CassandraWindow[] windows, Func<CassandraWindow, RowsByKey?> rowsOf)
    {
        var runs = new List<PartitionRun>();
        foreach (var window in windows)
            if (rowsOf(window) is { } rows) Add(runs, window, rows, table.Key.Count < 2 ? -1 : rows.Batch.IndexOf(table.Key[1]));
        if (windows.Length == 1) return runs;
        var places = windows.Select((window, place) => (window, place)).ToDictionary(at => at.window, at => at.place);
        runs.Sort((a, b) => a.ComparePartition(b) is var compared and not 0 ? compared : places[a.Window].CompareTo(places[b.Window]));
        return runs;
    }

    /// <summary>What a statement writes: the batch's row that comes <paramref name="at"/>-th in the run.</summary>
    public (CassandraWindow Window, int Row) Row(int at) => (Window, Rows.Row(First + at));

    /// <returns>0 where both are of one partition.</returns>
    public int ComparePartition(PartitionRun other) => Window.Bucket != other.Window.Bucket ? Window.Bucket.CompareTo(other.Window.Bucket)
        : Column < 0 ? 0 : RowsByKey.Compare(Rows.Batch, Column, Rows.Row(First), other.Rows.Batch, other.Column, other.Rows.Row(other.First));

    private static void Add(List<PartitionRun> runs, CassandraWindow window, RowsByKey rows, int column)
    {
        int first = 0;
        for (int i = 1; i <= rows.Count; i++)
        {
            if (i < rows.Count && (column < 0 || RowsByKey.Compare(rows.Batch, column, rows.Row(first), rows.Batch, column, rows.Row(i)) == 0)) continue;
            runs.Add(new(window, rows, column, first, i - first));
            first = i;
        }
    }
}
