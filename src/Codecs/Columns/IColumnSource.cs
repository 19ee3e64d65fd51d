namespace Etl.Codecs.Columns;

/// <summary>Consecutive rows of one block.</summary>
/// <param name="Block">Index of the block.</param>
/// <param name="First">Index of the first row in it.</param>
/// <param name="Count">Rows, at least 1.</param>
public readonly record struct RowRun(int Block, int First, int Count);

/// <summary>Rows in columns in a stated order, for SQL to read: the runs, one after the other.</summary>
public interface IColumnSource
{
    IReadOnlyList<ColumnField> Fields { get; }

    int RunCount { get; }

    RowRun Run(int index);

    ColumnBlock Block(int index);
}
