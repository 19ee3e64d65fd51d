using System.Runtime.InteropServices;
using System.Text;

namespace Etl.Codecs.Columns;

/// <summary>A text of a column (<c>duckdb_string_t</c>): up to 12 bytes lie inside, a longer one is its length, its first 4 bytes and a pointer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public readonly unsafe struct ColumnText
{
    public const int InlinedMax = 12;

    [FieldOffset(0)] private readonly uint _length;
    [FieldOffset(4)] private readonly uint _prefix;
    [FieldOffset(8)] private readonly byte* _pointer;

    /// <param name="bytes">Past 12 bytes they are not copied: they must stay where they are as long as the value is read.</param>
    public ColumnText(byte* bytes, int length)
    {
        _length = (uint)length;
        _prefix = 0;
        _pointer = null;
        if (length > InlinedMax)
        {
            _prefix = *(uint*)bytes;
            _pointer = bytes;
            return;
        }
        fixed (uint* inside = &_prefix) new ReadOnlySpan<byte>(bytes, length).CopyTo(new Span<byte>(inside, InlinedMax));
    }

    public int Length => (int)_length;

    /// <summary>Reads the value where it lies; <paramref name="at"/> must not move meanwhile.</summary>
    public static ReadOnlySpan<byte> Read(ColumnText* at) => new(at->_length <= InlinedMax ? (byte*)at + 4 : at->_pointer, (int)at->_length);

    public static string ReadString(ColumnText* at) => Encoding.UTF8.GetString(Read(at));
}
