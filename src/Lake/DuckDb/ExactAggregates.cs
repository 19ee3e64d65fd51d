using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>SQL aggregates whose result depends on the rows alone, not on their order, files or threads.</summary>
/// <remarks>
/// <para><c>exact_sum</c>, <c>exact_avg</c>, <c>exact_var_samp</c>, <c>exact_stddev_samp</c> of a DOUBLE, <c>exact_corr</c> of two. <c>exact_state</c> of one or two
/// gives a BLOB; the others take such BLOBs in place of the numbers and give the result of all their rows, and <c>exact_state(blob)</c> joins them: a day out of
/// its hours. Equal rows give equal BLOBs.</para>
/// <para>NULL is skipped; no row gives NULL, so does one row for var, stddev and corr. NaN, or both infinities: NaN. corr without variance: NaN. −0.0 is 0.</para>
/// <para>Never with ORDER BY inside or OVER: DuckDB's C API then hands over states that are not there, and the process can die. <see cref="SqlLint"/> refuses both.</para>
/// </remarks>
public static unsafe class ExactAggregates
{
    private const int SumsOfOne = 2, SumsOfTwo = 5;
    private const int StateBytesMax = sizeof(long) + SumsOfTwo * ExactSum.BytesMax;

    private enum Result { Sum, Average, Variance, Deviation, Correlation, State }

    /// <summary>What a function reads and keeps. Its sums stand in the order x, x², y, y², xy.</summary>
    private readonly record struct Shape(Result Result, int Sums, bool OfStates = false)
    {
        public static Shape Of(nint info)
        {
            int packed = (int)Native.duckdb_aggregate_function_get_extra_info(info);
            return new((Result)(packed & 0xFF), packed >> 8 & 0xFF, packed >> 16 != 0);
        }

        public nint Pack() => (int)Result | Sums << 8 | (OfStates ? 1 << 16 : 0);
    }

    /// <summary>A group's state, which lies in DuckDB's hash table and may be moved by it. The sums follow it.</summary>
    private struct Group
    {
        public long Rows;
        public int SumCount;
        public int SumsRead;  // of states: how many sums those had, 0 before the first

        public static Span<ExactSum> Sums(Group* group) => new(group + 1, group->SumCount);
    }

    /// <summary>Once for each database.</summary>
    internal static void Register(ConnectionHandle connection)
    {
        Register(connection, "exact_sum", new(Result.Sum, 1), new(Result.Sum, 1, OfStates: true));
        Register(connection, "exact_avg", new(Result.Average, 1), new(Result.Average, 1, OfStates: true));
        Register(connection, "exact_var_samp", new(Result.Variance, SumsOfOne), new(Result.Variance, SumsOfOne, OfStates: true));
        Register(connection, "exact_stddev_samp", new(Result.Deviation, SumsOfOne), new(Result.Deviation, SumsOfOne, OfStates: true));
        Register(connection, "exact_corr", new(Result.Correlation, SumsOfTwo), new(Result.Correlation, SumsOfTwo, OfStates: true));
        Register(connection, "exact_state", new(Result.State, SumsOfOne), new(Result.State, SumsOfTwo), new(Result.State, SumsOfTwo, OfStates: true));
    }

    private static void Register(ConnectionHandle connection, string name, params ReadOnlySpan<Shape> shapes)
    {
        nint number = LogicalType.Plain(DuckTypeId.Double), blob = LogicalType.Plain(DuckTypeId.Blob);
        nint set = Native.duckdb_create_aggregate_function_set(name); // a second function of one name is refused outside a set
        foreach (var shape in shapes)
        {
            nint function = Native.duckdb_create_aggregate_function();
            Native.duckdb_aggregate_function_set_name(function, name);
            Native.duckdb_aggregate_function_add_parameter(function, shape.OfStates ? blob : number);
            if (shape is { OfStates: false, Sums: SumsOfTwo }) Native.duckdb_aggregate_function_add_parameter(function, number);
            Native.duckdb_aggregate_function_set_return_type(function, shape.Result == Result.State ? blob : number);
            Native.duckdb_aggregate_function_set_extra_info(function, shape.Pack(), null);
            Native.duckdb_aggregate_function_set_functions(function, &Size, &Init, &Update, &Combine, &Finish);
            Native.duckdb_aggregate_function_set_destructor(function, &Destroy);
            Native.duckdb_add_aggregate_function_to_set(set, function);
            Native.duckdb_destroy_aggregate_function(ref function);
        }
        int state = Native.duckdb_register_aggregate_function_set(connection, set);
        Native.duckdb_destroy_aggregate_function_set(ref set);
        Native.duckdb_destroy_logical_type(ref number);
        Native.duckdb_destroy_logical_type(ref blob);
        if (state != 0) throw new DuckException(DuckErrorType.Invalid, $"DuckDB {DuckDatabase.Version} refused the aggregate {name}");
    }

    // An exception that leaves a callback ends the process, so each body that can throw hands it over as the statement's error.
    [UnmanagedCallersOnly]
    private static void Update(nint info, nint chunk, void** states)
    {
        try
        {
            var shape = Shape.Of(info);
            var groups = (Group**)states;
            int rows = (int)Native.duckdb_data_chunk_get_size(chunk);
            nint first = Native.duckdb_data_chunk_get_vector(chunk, 0);
            ulong* valid = Native.duckdb_vector_get_validity(first);
            void* values = Native.duckdb_vector_get_data(first);
            if (shape.OfStates) AddStates(groups, rows, (ColumnText*)values, valid, shape.Result == Result.State);
            else if (shape.Sums == 1) AddOnes(groups, rows, (double*)values, valid);
            else if (shape.Sums == SumsOfOne) AddSquares(groups, rows, (double*)values, valid);
            else
            {
                nint second = Native.duckdb_data_chunk_get_vector(chunk, 1);
                AddPairs(groups, rows, (double*)values, valid, (double*)Native.duckdb_vector_get_data(second), Native.duckdb_vector_get_validity(second));
            }
        }
        catch (Exception error) { Native.duckdb_aggregate_function_set_error(info, error.Message); }
    }

    // The four hot loops. Compiled for speed at once: a statement is over before the runtime would get to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOnes(Group** groups, int rows, double* xs, ulong* valid)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!Native.IsSet(valid, row)) continue;
            groups[row]->Rows++;
            ((ExactSum*)(groups[row] + 1))->Add(xs[row]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSquares(Group** groups, int rows, double* xs, ulong* valid)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!Native.IsSet(valid, row)) continue;
            groups[row]->Rows++;
            var sums = (ExactSum*)(groups[row] + 1);
            double x = xs[row];
            sums[0].Add(x);
            sums[1].AddProduct(x, x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPairs(Group** groups, int rows, double* xs, ulong* valid, double* ys, ulong* alsoValid)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!Native.IsSet(valid, row) || !Native.IsSet(alsoValid, row)) continue;
            groups[row]->Rows++;
            var sums = (ExactSum*)(groups[row] + 1);
            double x = xs[row], y = ys[row];
            sums[0].Add(x);
            sums[1].AddProduct(x, x);
            sums[2].Add(y);
            sums[3].AddProduct(y, y);
            sums[4].AddProduct(x, y);
        }
    }

    private static void AddStates(Group** groups, int rows, ColumnText* states, ulong* valid, bool all)
    {
        for (int row = 0; row < rows; row++)
            if (Native.IsSet(valid, row)) AddState(groups[row], ColumnText.Read(states + row), all);
    }

    [UnmanagedCallersOnly]
    private static void Combine(nint info, void** from, void** to, ulong count)
    {
        try
        {
            for (ulong i = 0; i < count; i++)
            {
                Group* source = (Group*)from[i], target = (Group*)to[i]; // the source is only read: windows may share it
                if (source->Rows == 0) continue;
                MarkSums(target, source->SumsRead);
                target->Rows = checked(target->Rows + source->Rows);
                for (int sum = 0; sum < source->SumCount; sum++) Group.Sums(target)[sum].Add(in Group.Sums(source)[sum]);
            }
        }
        catch (Exception error) { Native.duckdb_aggregate_function_set_error(info, error.Message); }
    }

    [UnmanagedCallersOnly]
    private static void Finish(nint info, void** states, nint result, ulong count, ulong offset)
    {
        try
        {
            var shape = Shape.Of(info);
            Native.duckdb_vector_ensure_validity_writable(result);
            ulong* valid = Native.duckdb_vector_get_validity(result);
            double* values = (double*)Native.duckdb_vector_get_data(result);
            Span<byte> blob = stackalloc byte[StateBytesMax];
            for (ulong i = 0, row = offset; i < count; i++, row++)
            {
                var group = (Group*)states[i];
                if (group->Rows == 0 || group->Rows == 1 && shape.Result is Result.Variance or Result.Deviation or Result.Correlation)
                    valid[row / 64] &= ~(1UL << (int)(row % 64));
                else if (shape.Result == Result.State)
                    fixed (byte* bytes = blob) Native.duckdb_vector_assign_string_element_len(result, row, bytes, (ulong)WriteState(group, blob));
                else
                    values[row] = Value(shape.Result, group->Rows, Group.Sums(group));
            }
        }
        catch (Exception error) { Native.duckdb_aggregate_function_set_error(info, error.Message); }
    }

    private static double Value(Result result, long rows, ReadOnlySpan<ExactSum> sums) => result switch
    {
        Result.Sum => sums[0].ToDouble(),
        Result.Average => Moments.Average(rows, sums[0]),
        Result.Variance => Moments.Variance(rows, sums),
        Result.Deviation => Moments.Deviation(rows, sums),
        _ => Moments.Correlation(rows, sums),
    };

    [UnmanagedCallersOnly]
    private static ulong Size(nint info) => (ulong)(sizeof(Group) + Shape.Of(info).Sums * sizeof(ExactSum));

    [UnmanagedCallersOnly]
    private static void Init(nint info, void* state)
    {
        var group = (Group*)state;
        *group = new() { SumCount = Shape.Of(info).Sums };
        Group.Sums(group).Clear();
    }

    [UnmanagedCallersOnly]
    private static void Destroy(void** states, ulong count)
    {
        for (ulong i = 0; i < count; i++)
            foreach (ref var sum in Group.Sums((Group*)states[i])) sum.Free();
    }

    // A state: its rows (8 bytes), then the sums.
    private static int WriteState(Group* group, Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, group->Rows);
        int length = sizeof(long);
        var sums = Group.Sums(group);
        foreach (ref readonly var sum in group->SumsRead == 0 ? sums : sums[..group->SumsRead]) length += sum.WriteTo(to[length..]);
        return length;
    }

    /// <param name="all">Every sum of the state, which says how many it has; else as many as the group keeps, and the rest is left.</param>
    private static void AddState(Group* group, ReadOnlySpan<byte> state, bool all)
    {
        if (state.Length < sizeof(long) || BinaryPrimitives.ReadInt64LittleEndian(state) is not (> 0 and var rows))
            throw new InvalidDataException($"a BLOB of {state.Length} bytes is no exact state; expected what exact_state made");
        var sums = Group.Sums(group);
        int at = sizeof(long), sum = 0;
        while (all ? at < state.Length && sum < sums.Length : sum < sums.Length) at += sums[sum++].AddFrom(state[at..]);
        if (all)
        {
            if (at != state.Length || sum is not (SumsOfOne or SumsOfTwo)) throw new InvalidDataException($"a BLOB of {state.Length} bytes is no exact state; expected what exact_state made");
            MarkSums(group, sum);
        }
        group->Rows = checked(group->Rows + rows);
    }

    private static void MarkSums(Group* group, int sums)
    {
        if (group->SumsRead != 0 && sums != 0 && group->SumsRead != sums)
            throw new InvalidDataException("states of one number and of two cannot be joined; give exact_state columns of one kind");
        if (sums != 0) group->SumsRead = sums;
    }
}
