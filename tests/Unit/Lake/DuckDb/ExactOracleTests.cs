using System.Numerics;
using Etl.Codecs.Columns;
using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

/// <summary>The exact aggregates against integers: random groups of rows, straight and through random trees of merged states.</summary>
public sealed class ExactOracleTests : IDisposable
{
    private const int GroupsPerTurn = 10_000;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";

    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 2, MemoryMegabytes = 2000 });
    private readonly DuckConnection _connection;

    public ExactOracleTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Fact]
    public void Random_groups_and_merge_trees_are_rounded_once_from_the_true_value()
    {
        int turns = IsLong ? 100 : 2; // 1 M groups, or 20,000
        for (int seed = 0; seed < turns; seed++)
        {
            var random = new Random(seed);
            var groups = RandomGroups(random);
            using var batch = Rows(groups, random);
            using var offered = _connection.Offer(batch);
            string part = $"hash(row * {random.Next(1, 1 << 20)} + g) % {random.Next(1, 9)}", branch = $"part // {random.Next(1, 4)}";
            _connection.Execute($"set threads = {1 + seed % 2}; create or replace temp table rows as from {offered}");
            using var results = _connection.Fetch($"""
                with straight as (select g, exact_sum(x) s, exact_avg(x) a, exact_var_samp(x) v, exact_stddev_samp(x) d, exact_corr(x, y) r from rows group by g),
                    leaves as (select g, {part} as part, exact_state(x, y) as state from rows group by all),
                    branches as (select g, {branch} as branch, exact_state(state) as state from leaves group by all),
                    merged as (select g, exact_sum(state) s, exact_avg(state) a, exact_var_samp(state) v, exact_stddev_samp(state) d, exact_corr(state) r from branches group by g)
                select s.*, s.s is not distinct from m.s and s.a is not distinct from m.a and s.v is not distinct from m.v and s.d is not distinct from m.d and s.r is not distinct from m.r as same
                from straight s join merged m using (g) order by g
                """);
            results.RowCount.ShouldBe(groups.Length);
            for (int g = 0; g < groups.Length; g++)
            {
                string where = $"seed {seed}, group {g}: {string.Join(", ", groups[g])}";
                results.GetValue(6, g).ShouldBe(true, where);
                Judge(groups[g], Enumerable.Range(1, 5).Select(column => (double?)results.GetValue(column, g)).ToArray(), where);
            }
        }
    }

    private static void Judge((double X, double Y)[] rows, double?[] results, string where)
    {
        var xs = new Sums(rows.Select(row => row.X));
        IsNearest(xs.Sum, 1, results[0]!.Value).ShouldBeTrue($"sum {results[0]:R}; {where}");
        IsNearest(xs.Sum, rows.Length, results[1]!.Value).ShouldBeTrue($"avg {results[1]:R}; {where}");
        if (rows.Length == 1)
        {
            results[2..].ShouldAllBe(result => result == null, where);
            return;
        }
        if (rows.Any(row => !IsModerate(row.X) || !IsModerate(row.Y))) return; // products outside the range of a double are another promise
        var ys = new Sums(rows.Select(row => row.Y));
        var (xx, yy) = (xs.Spread, ys.Spread);
        var xy = rows.Length * rows.Aggregate(BigInteger.Zero, (sum, row) => sum + Units(row.X) * Units(row.Y)) - xs.Sum * ys.Sum;
        BigInteger divisor = new BigInteger(rows.Length) * (rows.Length - 1);
        // The variance is in units of 2^-2148, the check in 2^-1074.
        IsNearest(xx, divisor << 1074, results[2]!.Value).ShouldBeTrue($"var {results[2]:R}; {where}");
        IsRoot(xx, divisor << 2148, results[3]!.Value).ShouldBeTrue($"stddev {results[3]:R}; {where}");
        if (xx.IsZero || yy.IsZero)
        {
            results[4].ShouldBe(double.NaN, where);
            return;
        }
        Math.Sign(results[4]!.Value).ShouldBe(xy.Sign, where);
        IsRoot(xy * xy, xx * yy, Math.Abs(results[4]!.Value)).ShouldBeTrue($"corr {results[4]:R}; {where}");
    }

    /// <summary>Whether no double is nearer to numerator / denominator (in units of 2^-1074), and a tie went to the even one.</summary>
    private static bool IsNearest(BigInteger numerator, BigInteger denominator, double result)
    {
        if (double.IsInfinity(result)) return BigInteger.Abs(numerator) >= denominator * (Units(double.MaxValue) + (BigInteger.One << (970 + 1074))) && numerator.Sign == Math.Sign(result);
        var off = BigInteger.Abs(numerator - denominator * Units(result));
        foreach (double other in (double[])[Math.BitIncrement(result), Math.BitDecrement(result)])
        {
            var bound = double.IsInfinity(other) ? Math.Sign(other) * (BigInteger.One << (1024 + 1074)) : Units(other);
            var otherOff = BigInteger.Abs(numerator - denominator * bound);
            if (otherOff < off || otherOff == off && (BitConverter.DoubleToInt64Bits(result) & 1) != 0) return false;
        }
        return true;
    }

    /// <summary>Whether no double is nearer to the square root of numerator / denominator: it lies between the middles to both neighbours.</summary>
    private static bool IsRoot(BigInteger numerator, BigInteger denominator, double result)
    {
        BigInteger units = Units(result), low = units + Units(Math.Max(0, Math.BitDecrement(result))), high = units + Units(Math.BitIncrement(result)); // twice the middles
        var scaled = numerator << (2148 + 2);
        return (result == 0 || low * low * denominator <= scaled) && scaled <= high * high * denominator;
    }

    /// <summary>A double as a whole number of 2^-1074.</summary>
    private static BigInteger Units(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        long mantissa = bits & (1L << 52) - 1 | (exponent == 0 ? 0 : 1L << 52);
        return new BigInteger(bits < 0 ? -mantissa : mantissa) << Math.Max(0, exponent - 1);
    }

    private static bool IsModerate(double value) => value == 0 || Math.Abs(value) is > 1e-130 and < 1e130;

    private readonly struct Sums
    {
        public Sums(IEnumerable<double> values)
        {
            var (sum, squares, count) = (BigInteger.Zero, BigInteger.Zero, 0);
            foreach (double value in values)
            {
                var units = Units(value);
                (sum, squares, count) = (sum + units, squares + units * units, count + 1);
            }
            (Sum, Spread) = (sum, count * squares - sum * sum);
        }

        public BigInteger Sum { get; }

        public BigInteger Spread { get; }
    }

    private static (double X, double Y)[][] RandomGroups(Random random) => [.. Enumerable.Range(0, GroupsPerTurn).Select(_ =>
    {
        int kind = random.Next(8);
        var rows = new (double X, double Y)[random.Next(1, 24)];
        for (int i = 0; i < rows.Length; i++) rows[i] = (Value(random, kind), Value(random, kind));
        if (kind == 7) for (int i = 1; i < rows.Length; i += 2) rows[i] = (-rows[i - 1].X, rows[i - 1].Y); // cancels
        return rows;
    })];

    private static double Value(Random random, int kind) => kind switch
    {
        0 => BitConverter.Int64BitsToDouble(random.NextInt64()) is var any && double.IsFinite(any) ? any * random.Next(-1, 2) : 0, // the whole range
        1 => random.NextInt64(-1L << 54, 1L << 54) * double.Epsilon,                                                                // about the subnormals
        2 => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300)),
        3 => 1e8 + random.Next(1000) * 1e-3,
        4 => random.Next(-3, 4),
        5 => (random.NextDouble() + 1) * double.MaxValue / 3 * (random.Next(2) * 2 - 1),
        _ => random.NextDouble() * 100,
    };

    private static ColumnBatch Rows((double X, double Y)[][] groups, Random random)
    {
        var order = groups.SelectMany((rows, g) => rows.Select(row => (g, row))).ToArray();
        random.Shuffle(order);
        var batch = new ColumnBatch([new("g", ColumnType.Of(ColumnKind.Int32), false), new("row", ColumnType.Of(ColumnKind.Int64), false),
            new("x", ColumnType.Of(ColumnKind.Double), false), new("y", ColumnType.Of(ColumnKind.Double), false)]);
        for (int i = 0; i < order.Length; i++)
        {
            var block = batch.Open();
            int at = block.Count++;
            block.Columns[0].Values<int>()[at] = order[i].g;
            block.Columns[1].Values<long>()[at] = i;
            block.Columns[2].Values<double>()[at] = order[i].row.X;
            block.Columns[3].Values<double>()[at] = order[i].row.Y;
        }
        return batch;
    }

    [Fact]
    public void States_that_spill_to_disk_wide_ones_too_give_the_same_bits()
    {
        // Every tenth group ranges over 600 decimal digits and so keeps its digits outside DuckDB's table.
        const string Sql = """
            select bit_xor(hash(g, r, s)) from (select g, exact_corr(x, y) r, exact_sum(z) s from (
                select i % 300000 as g, hash(i) % 1000003 * 0.37::double as x, hash(i + 1) % 1000003 * 0.11::double as y,
                    case when g % 10 = 0 then case i // 300000 when 0 then 1e300 when 1 then -1e300 else 1e-300 * i end else x end as z from range(900000) t(i)) group by g)
            """;
        string folder = Directory.CreateTempSubdirectory("etl-spill-").FullName;
        try
        {
            object? expected = _connection.Value(Sql);
            using (var tight = new DuckDatabase(new DuckOptions { Threads = 2, MemoryMegabytes = 200 }))
            using (var connection = tight.Connect())
                Should.Throw<DuckException>(() => connection.Value(Sql)).Type.ShouldBe(DuckErrorType.OutOfMemory, "else nothing needs to spill below");
            using var spilling = new DuckDatabase(new DuckOptions { Threads = 2, MemoryMegabytes = 200, SpillFolder = folder });
            using var spiller = spilling.Connect();
            spiller.Value(Sql).ShouldBe(expected);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
