using System.Security.Cryptography;
using System.Text;

namespace Etl.Codecs.Avro;

/// <summary>Short names of schemas: digests of their <see cref="CanonicalForm"/>, so equal for schemas that read the same bytes.</summary>
public static class Fingerprint
{
    private const ulong EmptyCrc64 = 0xC15D_213A_A4D7_A795;

    private static readonly ulong[] Crc64Table = MakeCrc64Table();

    /// <summary>CRC-64-AVRO (a Rabin fingerprint). Written low byte first in the single-object encoding.</summary>
    public static ulong Crc64(AvroSchema schema) => Crc64(Utf8(schema));

    /// <summary>CRC-64-AVRO of any bytes.</summary>
    public static ulong Crc64(ReadOnlySpan<byte> bytes)
    {
        ulong sum = EmptyCrc64;
        foreach (byte next in bytes) sum = (sum >> 8) ^ Crc64Table[(byte)(sum ^ next)];
        return sum;
    }

    /// <summary>16 bytes.</summary>
    public static byte[] Md5(AvroSchema schema) => MD5.HashData(Utf8(schema)); // the specification's choice; a name, not a protection

    /// <summary>32 bytes.</summary>
    public static byte[] Sha256(AvroSchema schema) => SHA256.HashData(Utf8(schema));

    private static byte[] Utf8(AvroSchema schema) => Encoding.UTF8.GetBytes(CanonicalForm.Of(schema));

    private static ulong[] MakeCrc64Table()
    {
        var table = new ulong[256];
        for (int start = 0; start < table.Length; start++)
        {
            ulong sum = (ulong)start;
            for (int bit = 0; bit < 8; bit++) sum = (sum >> 1) ^ (EmptyCrc64 & (0 - (sum & 1)));
            table[start] = sum;
        }
        return table;
    }
}
