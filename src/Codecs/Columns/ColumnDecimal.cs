using System.Buffers.Binary;

namespace Etl.Codecs.Columns;

/// <summary>Decimals as Avro writes them, two's complement with the high byte first, as decimals of a column.</summary>
internal static unsafe class ColumnDecimal
{
    private const int WideBytes = 16;

    private static readonly Int128[] PowersOfTen = Powers();

    /// <summary>False where the value has more digits than the column's precision.</summary>
    public static bool TryPut(ReadOnlySpan<byte> bytes, ColumnVector vector, int row)
    {
        var limit = PowersOfTen[vector.Type.Precision];
        if (!TryRead(bytes, out var value) || value >= limit || value <= -limit) return false;
        byte* at = vector.Data + (long)row * vector.Type.Width;
        switch (vector.Type.Width)
        {
            case sizeof(short):
                *(short*)at = (short)value;
                break;
            case sizeof(int):
                *(int*)at = (int)value;
                break;
            case sizeof(long):
                *(long*)at = (long)value;
                break;
            default:
                ((ulong*)at)[0] = (ulong)value;
                ((ulong*)at)[1] = (ulong)(value >> 64);
                break;
        }
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out Int128 value)
    {
        value = 0;
        if (bytes.IsEmpty) return true;
        byte sign = (sbyte)bytes[0] < 0 ? (byte)0xFF : (byte)0;
        if (bytes.Length > WideBytes)
        {
            var padding = bytes[..^WideBytes];
            bytes = bytes[^WideBytes..];
            if (padding.ContainsAnyExcept(sign) || (bytes[0] ^ sign) >= 0x80) return false;
        }
        Span<byte> wide = stackalloc byte[WideBytes];
        wide.Fill(sign);
        bytes.CopyTo(wide[(WideBytes - bytes.Length)..]);
        value = BinaryPrimitives.ReadInt128BigEndian(wide);
        return true;
    }

    private static Int128[] Powers()
    {
        var powers = new Int128[39];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++) powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
