using System.Runtime.InteropServices;

namespace Etl.Codecs.Columns;

/// <summary>Bytes of long texts, outside the managed heap: they stay in place until <see cref="Clear"/>. One thread at a time.</summary>
public sealed unsafe class ByteHeap : IDisposable
{
    private const int PageBytes = 64 * 1024;

    private readonly List<(nint Start, int Length)> _pages = [];
    private int _page = -1;
    private byte* _next;
    private int _left;

    /// <summary>Bytes reserved, used or not.</summary>
    public long Reserved { get; private set; }

    /// <summary>Room for <paramref name="length"/> bytes in one piece.</summary>
    public byte* Take(int length)
    {
        if (length > _left) NextPage(length);
        byte* at = _next;
        _next += length;
        _left -= length;
        return at;
    }

    /// <summary>Copies <paramref name="bytes"/> if they do not fit inside the value.</summary>
    public ColumnText Keep(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* from = bytes)
        {
            if (bytes.Length <= ColumnText.InlinedMax) return new(from, bytes.Length);
            byte* to = Take(bytes.Length);
            bytes.CopyTo(new Span<byte>(to, bytes.Length));
            return new(to, bytes.Length);
        }
    }

    /// <summary>The present place, for <see cref="Rewind(HeapMark)"/>.</summary>
    public HeapMark Mark() => new(_page, _next, _left);

    /// <summary>Forgets the texts kept since the mark was taken. Meaningless after <see cref="Clear"/>.</summary>
    public void Rewind(HeapMark mark)
    {
        _page = mark.Page;
        _next = mark.Next;
        _left = mark.Left;
    }

    /// <summary>Forgets all texts; plain pages are kept for the next ones, oversized ones given back.</summary>
    public void Clear()
    {
        for (int i = _pages.Count - 1; i >= 0; i--)
            if (_pages[i].Length > PageBytes) Free(i);
        Reset();
    }

    public void Dispose()
    {
        for (int i = _pages.Count - 1; i >= 0; i--) Free(i);
        Reset();
    }

    private void Reset()
    {
        _page = -1;
        _next = null;
        _left = 0;
    }

    private void NextPage(int length)
    {
        while (++_page < _pages.Count)
            if (_pages[_page].Length >= length) break;
        if (_page == _pages.Count)
        {
            int size = Math.Max(PageBytes, length);
            _pages.Add(((nint)NativeMemory.Alloc((nuint)size), size));
            Reserved += size;
        }
        _next = (byte*)_pages[_page].Start;
        _left = _pages[_page].Length;
    }

    private void Free(int page)
    {
        NativeMemory.Free((void*)_pages[page].Start);
        Reserved -= _pages[page].Length;
        _pages.RemoveAt(page);
    }
}

/// <summary>A place in a <see cref="ByteHeap"/>.</summary>
public readonly unsafe struct HeapMark
{
    internal readonly int Page;
    internal readonly byte* Next;
    internal readonly int Left;

    internal HeapMark(int page, byte* next, int left)
    {
        Page = page;
        Next = next;
        Left = left;
    }
}
