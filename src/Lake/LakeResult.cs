using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;

namespace Etl.Lake;

/// <summary>The rows of one window that a build's SQL returned: normalised, in key order, unique by key.</summary>
public sealed class LakeResult : IDisposable
{
    internal LakeResult(Window window, long asOf, IReadOnlyList<string> key, ColumnBatch rows, string checksum, string digest) =>
        (Window, AsOf, Key, Rows, Checksum, Digest) = (window, asOf, key, rows, checksum, digest);

    public Window Window { get; }

    /// <summary>The commit whose state was read.</summary>
    public long AsOf { get; }

    /// <summary>The window's column, then the declared key.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>The window's column (<c>hour</c> TIMESTAMPTZ or <c>day</c> DATE) first, then the SQL's own.</summary>
    public ColumnBatch Rows { get; }

    /// <summary>Equal rows, equal text: names, types and values, whatever order, files or threads they came from.</summary>
    public string Checksum { get; }

    /// <summary>See <see cref="LakeDigest"/>.</summary>
    public string Digest { get; }

    public void Dispose() => Rows.Dispose();
}

/// <summary>From a result's columns to the table that sinks keep.</summary>
public static class ResultTables
{
    public static string WindowColumn(Grain grain) => grain == Grain.Hour ? "hour" : "day";

    /// <summary>All columns but BLOBs: those are states that only the lake merges.</summary>
    /// <param name="fields">Of a result as the lake keeps it, the window's column among them.</param>
    /// <param name="key">As declared, without the window's column.</param>
    public static ResultTable Of(string name, Grain grain, IReadOnlyList<string> key, IReadOnlyList<ColumnField> fields)
    {
        string[] whole = [WindowColumn(grain), .. key];
        return new(name, whole[0], [.. fields.Where(field => field.Type.Kind != ColumnKind.Bytes).Select(field => field with { Nullable = !whole.Contains(field.Name) })], whole);
    }
}
