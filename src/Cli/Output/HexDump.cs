using System.Globalization;
using System.Text;

namespace Etl.Cli.Output;

/// <summary>Bytes in rows of sixteen: place, hex, and what of it is ASCII.</summary>
public static class HexDump
{
    private const int PerRow = 16;

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int at = 0; at < bytes.Length; at += PerRow)
        {
            var row = bytes[at..Math.Min(at + PerRow, bytes.Length)];
            text.Append(CultureInfo.InvariantCulture, $"{at:x8}  ");
            for (int i = 0; i < PerRow; i++)
            {
                if (i < row.Length) text.Append(CultureInfo.InvariantCulture, $"{row[i]:x2} ");
                else text.Append("   ");
                if (i == PerRow / 2 - 1) text.Append(' ');
            }
            text.Append(" |");
            foreach (byte letter in row) text.Append(letter is >= 0x20 and < 0x7F ? (char)letter : '.');
            text.Append("|\n");
        }
        return text.ToString();
    }

    /// <summary>The first bytes on one line, for a cell of a table.</summary>
    public static string Brief(ReadOnlySpan<byte> bytes, int max = 32) => $"0x{Convert.ToHexStringLower(bytes[..Math.Min(max, bytes.Length)])}{(bytes.Length > max ? $"… ({bytes.Length:N0} bytes)" : "")}";

    /// <summary>Text where the bytes are printable UTF-8, else hex.</summary>
    public static string TextOrHex(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return bytes.Length > 0 && !text.Any(letter => char.IsControl(letter) || letter == '\uFFFD') ? text : bytes.Length == 0 ? "" : Brief(bytes);
    }
}
