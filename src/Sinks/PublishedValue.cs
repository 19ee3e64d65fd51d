using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Sinks;

/// <summary>What a value becomes when it is published to a SQL database, the same in each of them; what <see cref="ISink.ReadAsync"/> gives back.</summary>
/// <remarks>
/// As <see cref="ColumnValue"/>, but: NaN and ±Infinity are null (no database but PostgreSQL stores them; the lake keeps them); −0.0 is 0.0;
/// lists, structs and maps are JSON text; 24:00:00 is the time 23:59:59.999999 of .NET.
/// </remarks>
public static class PublishedValue
{
    public static object? Of(ColumnVector column, int row) => column.IsNull(row) ? null : column.Type.Kind switch
    {
        ColumnKind.List or ColumnKind.Struct or ColumnKind.Map => Encoding.UTF8.GetString(ColumnJson.Write(column, row)),
        _ => ColumnValue.Read(column, row) switch
        {
            double number => double.IsFinite(number) ? number + 0.0 : null,
            float number => float.IsFinite(number) ? number + 0.0f : null,
            var value => value,
        },
    };

    public static object? Of(ColumnBatch batch, int column, int row) => Of(batch.Block(row / ColumnBlock.RowsMax).Columns[column], row % ColumnBlock.RowsMax);
}
