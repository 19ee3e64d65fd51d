namespace Etl.Codecs.Cql;

/// <summary>The checksum of a segment's header: initial value 0x875060, polynomial 0x1974F0B, most significant bit first, over the bytes in the order sent.</summary>
internal static class Crc24
{
    private const uint Initial = 0x875060, Polynomial = 0x1974F0B, Top = 0x1000000;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(OfByte)];

    public static uint Of(ReadOnlySpan<byte> header)
    {
        uint crc = Initial;
        foreach (byte next in header) crc = (crc << 8 ^ Table[(crc >> 16 ^ next) & 0xFF]) & 0xFFFFFF;
        return crc;
    }

    private static uint OfByte(int value)
    {
        uint crc = (uint)value << 16;
        for (int bit = 0; bit < 8; bit++)
        {
            crc <<= 1;
            if ((crc & Top) != 0) crc ^= Polynomial;
        }
        return crc & 0xFFFFFF;
    }
}
