using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>How the decoding of one datum into a row ended: done, or a fault and its place. <see cref="ColumnPlan.Describe"/> makes text of it.</summary>
public readonly struct DecodeResult
{
    private const int FaultBits = 8;

    private readonly uint place;

    internal DecodeResult(DecodeFault fault, int offset, int op) => (Offset, place) = (offset, ((uint)op << FaultBits) | (uint)fault);

    public bool IsDone => place == 0;

    public DecodeFault Fault => (DecodeFault)(place & ((1u << FaultBits) - 1));

    /// <summary>Bytes from the start of the datum; 0 when done.</summary>
    public int Offset { get; }

    /// <summary>The plan's operation that met the fault.</summary>
    internal int Op => (int)(place >> FaultBits);
}
