using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>
/// Decodes data of one writer's schema straight into the columns of one shape: operations in an array, made once for each pair, used by any
/// number of threads (each with its own blocks). Nothing is allocated for a datum.
/// <para>
/// Resolution follows the specification: fields by name, then by the reader's aliases; defaults; promotions; dropped fields are passed over,
/// as strict with lengths as reading them. Text must be UTF-8. Where both schemas give a place a logical type it must mean the same: units of
/// time are converted, decimals need one scale; anything else is <see cref="DecodeFault.Unresolvable"/> rather than a wrong number.
/// NaN and infinite numbers are values like others. Schemas that do not resolve everywhere have a plan too: a fault shows when data gets there.
/// </para>
/// </summary>
public sealed class ColumnPlan
{
    private static readonly byte[] Nothing = GC.AllocateArray<byte>(1, pinned: true);

    private readonly int stop;
    private readonly string[] paths;
    private IReadOnlyList<ColumnField>? fitting; // the last fields that were compared: those of all blocks of a batch are one object

    private ColumnPlan(AvroSchema writer, ColumnShape shape, PlanBuilder builder)
    {
        (Writer, Shape, Problems) = (writer, shape, builder.Problems);
        (Ops, stop, paths) = ([.. builder.Ops], builder.Stop, [.. builder.Paths]);
        (Targets, Symbols, Defaults, BranchNames, Routines) = ([.. builder.Targets], [.. builder.Symbols], [.. builder.Defaults], [.. builder.BranchNames], [.. builder.Routines]);
    }

    public AvroSchema Writer { get; }

    public ColumnShape Shape { get; }

    /// <summary>Places where the schemas do not resolve, with what was found and expected; empty when all data can be read (unknown symbols and broken data apart).</summary>
    public IReadOnlyList<string> Problems { get; }

    internal ColumnLimits Limits => Shape.Limits;

    internal ColumnOp[] Ops { get; }

    /// <summary>For each union of the writer, by branch: the operation to go on with.</summary>
    internal int[][] Targets { get; }

    /// <summary>For each enum, by the writer's place: the reader's symbol in UTF-8; null where there is none and no default.</summary>
    internal byte[]?[][] Symbols { get; }

    /// <summary>Defaults in the reader's encoding; each array stays in place.</summary>
    internal byte[][] Defaults { get; }

    internal byte[][] BranchNames { get; }

    /// <summary>First operations of the routines that pass over records.</summary>
    internal int[] Routines { get; }

    /// <exception cref="SchemaException">The pair needs more operations than the shape's limits allow.</exception>
    public static ColumnPlan Compile(AvroSchema writer, ColumnShape shape)
    {
        var builder = new PlanBuilder(shape.Limits);
        builder.Build(writer, shape.Root);
        builder.JoinDoubles();
        return new(writer, shape, builder);
    }

    /// <summary>Decodes one datum, which fills <paramref name="datum"/>: bytes left over are a fault.</summary>
    /// <param name="block">Its first columns are the shape's fields; more may follow and are left alone.</param>
    /// <param name="row">The row to fill, <see cref="ColumnBlock.Count"/> to <see cref="ColumnBlock.RowsMax"/> − 1. The caller raises the count, or calls <see cref="ColumnBlock.Drop"/>.</param>
    /// <returns>Done; or a fault, after which the row is as unused as before.</returns>
    /// <exception cref="ArgumentException">The block has other columns, or the row is in use or not there.</exception>
    [SkipLocalsInit]
    public unsafe DecodeResult Decode(ReadOnlySpan<byte> datum, ColumnBlock block, int row)
    {
        if (!ReferenceEquals(block.Fields, fitting)) DemandFit(block.Fields);
        if ((uint)row >= ColumnBlock.RowsMax || row < block.Count) throw new ArgumentOutOfRangeException(nameof(row), row, $"expected {block.Count} to {ColumnBlock.RowsMax - 1}");
        block.Mark();
        if (datum.IsEmpty) datum = Nothing.AsSpan(0, 0); // a span of nothing may have no address
        fixed (byte* start = &MemoryMarshal.GetReference(datum))
        {
            byte* end = start + datum.Length;
            var decoder = new ColumnDecoder(this, block, end);
            byte* at = decoder.Run(0, stop, start, row);
            if (at == end) return default;
            block.Drop(row);
            return at == null
                ? new(decoder.Fault, (int)(decoder.FaultAt - start), decoder.FaultOp)
                : new(DecodeFault.TrailingData, (int)(at - start), stop);
        }
    }

    /// <summary>The fault with its field's path: names with dots, <c>[]</c> for an item. For results of this plan that are not done.</summary>
    public DecodeProblem Describe(DecodeResult result)
    {
        if (result.IsDone) throw new ArgumentException("the result is done, there is nothing to describe", nameof(result));
        string detail = result.Op < Ops.Length && result.Fault == DecodeFault.Unresolvable ? Problems[Ops[result.Op].Argument] : "";
        return new(result.Fault, result.Offset, result.Fault == DecodeFault.TrailingData ? "" : paths[result.Op], detail);
    }

    private void DemandFit(IReadOnlyList<ColumnField> fields)
    {
        bool fits = fields.Count >= Shape.Fields.Count;
        for (int i = 0; fits && i < Shape.Fields.Count; i++) fits = fields[i].Type.Equals(Shape.Fields[i].Type);
        if (!fits) throw new ArgumentException($"found a block of {string.Join(", ", fields.Select(field => $"{field.Name} {field.Type.ToSql()}"))}; expected its first columns to be those of {Shape.Schema.FullName}", nameof(fields));
        fitting = fields;
    }
}
