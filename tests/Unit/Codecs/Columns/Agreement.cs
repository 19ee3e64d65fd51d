using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;

namespace Etl.Tests.Unit.Codecs.Columns;

/// <summary>Holds the columns against the decoder of values, which shares the rules of resolution but none of the reading.</summary>
internal static class Agreement
{
    /// <summary>Faults that only columns have: they interpret logical types, and keep no key twice.</summary>
    private static readonly DecodeFault[] Own = [DecodeFault.OutOfRange, DecodeFault.DuplicateKey, DecodeFault.TooManyValues];

    /// <returns>How they part; null when they agree.</returns>
    public static string? FaultOf(DecodedColumns columns, DecodePlan values, byte[] datum)
    {
        var value = values.Decode(datum);
        int rows = columns.Batch.RowCount;
        var result = columns.Add(datum);
        if (!result.IsDone)
        {
            if (columns.Batch.RowCount != rows) return "a row stayed after a fault";
            var problem = columns.Plan.Describe(result);
            if (problem.Offset < 0 || problem.Offset > datum.Length) return $"{problem}: the offset is outside the {datum.Length} bytes";
            return value.IsDone && !Own.Contains(result.Fault) ? $"columns: {problem}, values: {value.Value}" : IsRightlyOutOfRange(columns, value, problem);
        }
        if (!value.IsDone) return $"columns: done, values: {value.Problem}";
        object?[] found = columns.RowAt(columns.Batch.RowCount - 1), expected;
        try
        {
            expected = Expected.Row((RecordSchema)values.Reader, value.Value);
        }
        catch (Expected.OutOfRange)
        {
            return $"columns: {Expected.Show(found)}, expected a fault: out of range";
        }
        return Expected.Same(found, expected) ? null : $"columns: {Expected.Show(found)}, values: {Expected.Show(expected)}";
    }

    private static string? IsRightlyOutOfRange(DecodedColumns columns, Decoded<object?> value, DecodeProblem problem)
    {
        if (!value.IsDone || problem.Fault != DecodeFault.OutOfRange) return null;
        try
        {
            return $"columns: {problem}, expected {Expected.Show(Expected.Row(columns.Shape.Schema, value.Value))}";
        }
        catch (Expected.OutOfRange)
        {
            return null;
        }
    }
}
