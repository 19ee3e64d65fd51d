namespace Etl.Codecs.Cql;

/// <summary>What a RESULT is.</summary>
public enum ResultKind
{
    Void = 1,
    Rows = 2,
    SetKeyspace = 3,
    Prepared = 4,
    SchemaChange = 5,
}

/// <summary>A column of a result, or a variable of a statement.</summary>
public sealed record ColumnSpec(string Keyspace, string Table, string Name, CqlType Type);

/// <summary>What stands before the rows.</summary>
/// <param name="ColumnCount">Known also where the columns are not sent.</param>
/// <param name="PagingState">There are more pages; null: this is the last.</param>
/// <param name="NewMetadataId">Version 5: the columns are not those of PREPARE any more, and this is their id.</param>
/// <param name="Columns">null where the request asked to skip them.</param>
public sealed record RowsMetadata(int ColumnCount, byte[]? PagingState, byte[]? NewMetadataId, IReadOnlyList<ColumnSpec>? Columns)
{
    private const int ColumnsMax = 100_000;

    private const int GlobalTable = 0x0001, HasMorePages = 0x0002, NoMetadata = 0x0004, MetadataChanged = 0x0008;

    public static RowsMetadata Read(ref CqlReader reader)
    {
        int flags = reader.Int(), count = reader.Count(reader.Int(), 0);
        byte[]? paging = (flags & HasMorePages) != 0 ? reader.NullableBytes() : null;
        byte[]? changed = (flags & MetadataChanged) != 0 ? reader.ShortBytes() : null;
        return new(count, paging, changed, (flags & NoMetadata) != 0 ? null : ReadColumns(ref reader, count, (flags & GlobalTable) != 0));
    }

    internal static IReadOnlyList<ColumnSpec> ReadColumns(ref CqlReader reader, int count, bool isGlobal)
    {
        if (count == 0) return [];
        string keyspace = isGlobal ? reader.String() : "", table = isGlobal ? reader.String() : "";
        var columns = new ColumnSpec[count <= ColumnsMax ? reader.Count(count, 4) : 0];
        for (int i = 0; i < columns.Length; i++)
        {
            if (!isGlobal) (keyspace, table) = (reader.String(), reader.String());
            string name = reader.String();
            if (CqlType.Read(ref reader) is not { } type) return [];
            columns[i] = new(keyspace, table, name, type);
        }
        return columns;
    }
}

/// <summary>The answer to PREPARE.</summary>
/// <param name="ResultMetadataId">Version 5; empty in version 4.</param>
/// <param name="RoutingIndexes">Which variables make the partition key, in its order; empty where they do not make all of it.</param>
/// <param name="Columns">The result's columns; empty where it has none.</param>
public sealed record PreparedMessage(byte[] Id, byte[] ResultMetadataId, IReadOnlyList<ColumnSpec> Variables, IReadOnlyList<int> RoutingIndexes, IReadOnlyList<ColumnSpec> Columns)
{
    private const int GlobalTable = 0x0001;

    public static PreparedMessage Read(ref CqlReader reader, byte version)
    {
        byte[] id = reader.ShortBytes(), resultId = version >= 5 ? reader.ShortBytes() : [];
        int flags = reader.Int(), count = reader.Count(reader.Int(), 0);
        int[] routing = new int[reader.Count(reader.Int(), 2)];
        for (int i = 0; i < routing.Length; i++) routing[i] = reader.Short();
        var variables = RowsMetadata.ReadColumns(ref reader, count, (flags & GlobalTable) != 0);
        return new(id, resultId, variables, routing.Any(index => index >= variables.Count) ? [] : routing, RowsMetadata.Read(ref reader).Columns ?? []);
    }
}

/// <summary>A change of the schema, as a result and as an event.</summary>
/// <param name="Change">CREATED, UPDATED or DROPPED.</param>
/// <param name="Target">KEYSPACE, TABLE, TYPE, FUNCTION or AGGREGATE.</param>
/// <param name="Name">Of the table, type or function; empty for a keyspace.</param>
public sealed record SchemaChange(string Change, string Target, string Keyspace, string Name)
{
    public static SchemaChange Read(ref CqlReader reader)
    {
        string change = reader.String(), target = reader.String(), keyspace = reader.String();
        return new(change, target, keyspace, target == "KEYSPACE" ? "" : reader.String());
    }
}
