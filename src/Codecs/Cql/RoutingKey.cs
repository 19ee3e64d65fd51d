namespace Etl.Codecs.Cql;

/// <summary>The bytes that a partition's token is computed from.</summary>
public static class RoutingKey
{
    /// <summary>One column is its bytes; of several each is a 16-bit length, its bytes and a zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column of several passes 65,535 bytes; the server refuses it too.</exception>
    public static void Write(CqlWriter writer, ValueWriter values, IReadOnlyList<int> indexes)
    {
        if (indexes.Count == 1)
        {
            writer.Raw(values.At(indexes[0]));
            return;
        }
        for (int i = 0; i < indexes.Count; i++) WritePart(writer, values.At(indexes[i]));
    }

    /// <summary>Writes one of several columns.</summary>
    public static void WritePart(CqlWriter writer, ReadOnlySpan<byte> column)
    {
        writer.ShortBytes(column);
        writer.Byte(0);
    }
}
