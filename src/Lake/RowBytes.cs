using System.Runtime.CompilerServices;
using Etl.Codecs.Columns;

namespace Etl.Lake;

/// <summary>Rows in one form of bytes, equal where the values are equal: a flag for null, texts with their length, lists by their items. Grows; the bytes stay its own.</summary>
internal sealed unsafe class RowBytes
{
    private byte[] _bytes = new byte[4_096];
    private int _length;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Append(ColumnVector column, int row)
    {
        bool isNull = column.IsNull(row);
        Append(isNull ? (byte)0 : (byte)1);
        if (isNull) return;
        byte* at = column.Data + (long)row * column.Type.Width;
        switch (column.Type.Kind)
        {
            case ColumnKind.Text or ColumnKind.Bytes:
                Append(ColumnText.Read((ColumnText*)at));
                break;
            case ColumnKind.Struct:
                foreach (var child in column.Children) Append(child, row);
                break;
            case ColumnKind.List or ColumnKind.Map:
                long first = ((long*)at)[0], count = ((long*)at)[1];
                Append(count);
                for (long i = 0; i < count; i++) Append(column.Children[0], (int)(first + i));
                break;
            default:
                Copy(new ReadOnlySpan<byte>(at, column.Type.Width));
                break;
        }
    }

    /// <summary>The length, then the bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Append((long)bytes.Length);
        Copy(bytes);
    }

    private void Append<T>(T value) where T : unmanaged
    {
        Reserve(sizeof(T));
        Unsafe.WriteUnaligned(ref _bytes[_length], value);
        _length += sizeof(T);
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length < more) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
    }
}
