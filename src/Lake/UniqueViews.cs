using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Etl.Lake;

/// <summary>Remembers which views were found without duplicates. A view's text names its files and its window, and files never change, so what was proven once holds; the builds of one hour prove it once.</summary>
internal sealed class UniqueViews
{
    /// <summary>Views remembered; the oldest are forgotten first.</summary>
    public const int KnownMax = 4_096;

    private readonly Lock _gate = new();
    private readonly HashSet<UInt128> _known = [];
    private readonly Queue<UInt128> _age = [];

    public bool Has(string select)
    {
        lock (_gate) return _known.Contains(KeyOf(select));
    }

    public void Add(string select)
    {
        lock (_gate)
        {
            if (!_known.Add(KeyOf(select))) return;
            _age.Enqueue(KeyOf(select));
            if (_age.Count > KnownMax) _known.Remove(_age.Dequeue());
        }
    }

    private static UInt128 KeyOf(string select) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(select.AsSpan()));
}
