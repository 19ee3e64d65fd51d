using System.Runtime.InteropServices;

namespace Etl.Codecs.Columns;

/// <summary>One column of a block: values, validity bits, children of nested kinds; all outside the managed heap, in DuckDB's layout.</summary>
public sealed unsafe class ColumnVector : IDisposable
{
    private readonly ColumnVector[] _children;

    public ColumnVector(ColumnType type, int capacity)
    {
        Type = type;
        _children = [.. type.Children.Select(child => new ColumnVector(child.Type, capacity))];
        Reserve(capacity);
        Clear();
    }

    public ColumnType Type { get; }

    /// <summary>Rows there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary><see cref="Capacity"/> × <see cref="ColumnType.Width"/> bytes.</summary>
    public byte* Data { get; private set; }

    /// <summary>One bit a row, set where there is a value.</summary>
    public ulong* Validity { get; private set; }

    public bool HasNulls { get; private set; }

    /// <summary>List and map: rows of the child in use.</summary>
    public int ChildCount { get; set; }

    public ReadOnlySpan<ColumnVector> Children => _children;

    /// <summary>The values seen as <typeparamref name="T"/>, which must have the type's width.</summary>
    public Span<T> Values<T>() where T : unmanaged => new(Data, Capacity);

    public bool IsNull(int row) => HasNulls && (Validity[row >> 6] >> (row & 63) & 1) == 0;

    /// <summary>Marks a row as null, and with a struct its parts too.</summary>
    public void SetNull(int row)
    {
        HasNulls = true;
        Validity[row >> 6] &= ~(1UL << (row & 63));
        if (Type.Kind == ColumnKind.Struct)
            foreach (var child in _children) child.SetNull(row);
        else
            new Span<byte>(Data + (long)row * Type.Width, Type.Width).Clear();
    }

    /// <summary>Takes back the nulls of rows [<paramref name="first"/>, <paramref name="end"/>), with a struct those of its parts too.</summary>
    public void SetValid(int first, int end)
    {
        if (HasNulls)
            for (int row = first; row < end; row++) Validity[row >> 6] |= 1UL << (row & 63);
        if (Type.Kind == ColumnKind.Struct)
            foreach (var child in _children) child.SetValid(first, end);
    }

    /// <summary>List and map: forgets the rows of the child from <paramref name="count"/> on, with all that hangs on them.</summary>
    internal void CutChild(int count)
    {
        _children[0].SetValid(count, ChildCount);
        ChildCount = count;
    }

    /// <summary>Adds this vector and all inside it, a parent before its children.</summary>
    internal void Flatten(List<ColumnVector> into)
    {
        into.Add(this);
        foreach (var child in _children) child.Flatten(into);
    }

    /// <summary>Makes room for at least <paramref name="rows"/> rows and keeps what is there: for children of lists, whose number is not known before.</summary>
    public void Reserve(int rows)
    {
        if (rows <= Capacity) return;
        int room = (int)Math.Max(rows, Math.Min(Capacity * 2L, Array.MaxLength));
        int words = (room + 63) / 64, oldWords = (Capacity + 63) / 64;
        Data = (byte*)NativeMemory.Realloc(Data, (nuint)Math.Max(1L, (long)room * Type.Width));
        Validity = (ulong*)NativeMemory.Realloc(Validity, (nuint)words * sizeof(ulong));
        new Span<ulong>(Validity + oldWords, words - oldWords).Fill(ulong.MaxValue);
        Capacity = room;
        if (Type.Kind == ColumnKind.Struct)
            foreach (var child in _children) child.Reserve(room);
    }

    /// <summary>Forgets the rows; the memory stays.</summary>
    public void Clear()
    {
        if (HasNulls) new Span<ulong>(Validity, (Capacity + 63) / 64).Fill(ulong.MaxValue);
        HasNulls = false;
        ChildCount = 0;
        foreach (var child in _children) child.Clear();
    }

    public void Dispose()
    {
        NativeMemory.Free(Data);
        NativeMemory.Free(Validity);
        Data = null;
        Validity = null;
        Capacity = 0;
        foreach (var child in _children) child.Dispose();
    }
}
