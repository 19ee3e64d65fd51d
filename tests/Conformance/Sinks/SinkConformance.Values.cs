using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

public abstract partial class SinkConformance
{
    [Fact]
    public async Task Text_keys_that_differ_in_blanks_case_accents_or_symbols_stay_apart()
    {
        string[] ids = ["", " ", "a", "a ", "a  ", "A", "ä", "Ä", "a\u0308", "ae", "ß", "ss", "😀", "😁", "e\u0301", "é", "a\0", "a\t", "\uFFFD", "İ", "i", "ı", "a'b\"c`d\\e?f;--"];
        string[] ordered = [.. ids.OrderBy(System.Text.Encoding.UTF8.GetBytes, Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)))];
        await PublishAsync(1, [.. ids.Select((id, i) => Truck(id, i))]);
        await ShouldHoldAsync([.. ordered.Select(id => Truck(id, Array.IndexOf(ids, id)))]);
        using var vanished = Keys("a ", "Ä", "😁");
        await PublishAsync(_sink, Trucks, 2, [], vanished);
        (await ReadAsync()).Select(row => (string)row[1]!).ShouldBe(ordered.Except(["a ", "Ä", "😁"]));
    }

    [Fact]
    public async Task Doubles_come_back_bit_for_bit()
    {
        var random = new Random(754);
        double[] special = [0, 1, -1, 0.1, 1 / 3.0, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 2.2250738585072014E-308, 2.2250738585072009E-308, 9007199254740993, 1e22, 1e23, 5e-324];
        var numbers = special.Concat(Enumerable.Range(0, 10_000).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue))).Where(double.IsFinite)).ToList();
        var rows = numbers.Select((number, i) => Truck($"{i:00000}", i, number)).ToArray();
        await PublishAsync(1, rows);
        (await ReadAsync()).Select(row => BitConverter.DoubleToInt64Bits((double)row[3]!)).ShouldBe(numbers.Select(number => BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number)));
    }

    [Fact]
    public async Task Not_a_number_and_infinity_are_null_and_minus_zero_is_zero()
    {
        await PublishAsync(1, Truck("a", 1, double.NaN), Truck("b", 1, double.PositiveInfinity), Truck("c", 1, double.NegativeInfinity), Truck("d", 1, -0.0));
        (await ReadAsync()).Select(row => row[3]).ShouldBe([null, null, null, 0.0]);
        BitConverter.DoubleToInt64Bits((double)(await ReadAsync())[3][3]!).ShouldBe(0);
    }

    [Fact]
    public async Task Times_keep_their_microseconds()
    {
        var table = Table("times", ["hour", "id"], Field("hour", ColumnKind.Timestamp), Field("id", ColumnKind.Int32), Field("at", ColumnKind.Timestamp), Field("wall", ColumnKind.LocalTimestamp), Field("clock", ColumnKind.Time), Field("date", ColumnKind.Date));
        long[] ticks = [0, 10, 9_999_990, 10_000_000, 5_000_000, 863_999_999_990];
        DateTime[] starts = [new(1001, 1, 1), new(1969, 12, 31), new(1970, 1, 1), new(2026, 3, 29, 1, 30, 0), new(9999, 12, 31)];
        var rows = starts.SelectMany(start => ticks.Where(tick => start.TimeOfDay.Ticks + tick < TimeSpan.TicksPerDay).Select(tick => start.AddTicks(tick)))
            .Select((at, i) => new object?[] { Start, i, new DateTimeOffset(at, TimeSpan.Zero), at, TimeOnly.FromDateTime(at), DateOnly.FromDateTime(at) }).ToArray();
        await PublishAsync(_sink, table, 1, rows, null);
        (await ReadAsync(table)).ShouldBe(rows, new SameValues());
    }

    [Fact]
    public async Task Every_kind_comes_back_as_it_is_published_or_null()
    {
        var place = ColumnType.Struct(new ColumnField("lat", ColumnType.Of(ColumnKind.Double), true), new ColumnField("name", ColumnType.Of(ColumnKind.Text), true));
        var table = Table("kinds", ["hour", "id"], Field("hour", ColumnKind.Timestamp), Field("id", ColumnKind.Int64), Field("yes", ColumnKind.Boolean), Field("small", ColumnKind.Int32),
            Field("single", ColumnKind.Float), Field("uuid", ColumnKind.Uuid), Field("total", ColumnKind.Int128), new("d4", ColumnType.Decimal(4, 2), true), new("d9", ColumnType.Decimal(9, 0), true),
            new("d18", ColumnType.Decimal(18, 4), true), new("d38", ColumnType.Decimal(38, 10), true), new("list", ColumnType.List(ColumnType.Of(ColumnKind.Int32)), true), new("place", place, true),
            new("tags", ColumnType.Map(ColumnType.Of(ColumnKind.Text), ColumnType.Of(ColumnKind.Double)), true), Field("long text", ColumnKind.Text));
        object?[][] rows =
        [
            [Start, long.MinValue, true, int.MinValue, 0.1f, Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"), (Int128)long.MaxValue, -12.30m, 999_999_999m, 12345678901234.5678m, "-1234567890123456789012345678.0123456789",
                new object?[] { 1, null, 3 }, new Dictionary<string, object?> { ["lat"] = 51.5, ["name"] = "Zürich \"x\"" },
                new object?[] { new Dictionary<string, object?> { ["key"] = "a", ["value"] = double.NaN }, new Dictionary<string, object?> { ["key"] = "b", ["value"] = 0.1 } }, new string('ü', 70_000)],
            [Start, 0L, false, int.MaxValue, float.MaxValue, Guid.Parse("ffffffff-ffff-ffff-ffff-ffffffffffff"), (Int128)long.MinValue, 99.99m, -1m, -0.0001m, "0.0000000001", Array.Empty<object?>(), null, null, ""],
            [Start, long.MaxValue, .. new object?[13]],
        ];
        using var batch = Batches.Of(table.Columns, rows);
        await PublishAsync(_sink, table, 1, rows, null);
        var read = await ReadAsync(table);
        read.Count.ShouldBe(rows.Length);
        for (int row = 0; row < rows.Length; row++)
            for (int column = 0; column < table.Columns.Count; column++)
                read[row][column].ShouldBe(PublishedValue.Of(batch, column, row), table.Columns[column].Name);
        read[0][11].ShouldBe("[1,null,3]");
        read[0][12].ShouldBe("""{"lat":51.5,"name":"Zürich \"x\""}""");
        read[0][13].ShouldBe("""{"a":null,"b":0.1}""");
    }

    [Fact]
    public async Task A_table_of_keys_alone_is_published()
    {
        var table = Table("seen", ["hour", "truck_id"], Trucks.Columns[0], Trucks.Columns[1]);
        await PublishAsync(_sink, table, 1, [[Start, "a"], [Start, "b"]], null);
        await PublishAsync(_sink, table, 2, [[Start, "a"], [Start, "b"], [Start, "c"]], null);
        (await ReadAsync(table)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Keys_of_every_kind_order_and_replace()
    {
        var table = Table("keyed", ["hour", "yes", "day", "uuid", "n", "x", "amount"], Field("hour", ColumnKind.Timestamp), Field("yes", ColumnKind.Boolean), Field("day", ColumnKind.Date), Field("uuid", ColumnKind.Uuid),
            Field("n", ColumnKind.Int32), Field("x", ColumnKind.Double), new("amount", ColumnType.Decimal(9, 2), true), Field("count", ColumnKind.Int64));
        var random = new Random(3);
        object?[][] Rows(long count) => [.. Enumerable.Range(0, 500).Select(i => new object?[] { Start, i % 2 == 0, new DateOnly(2026, 1, 1 + i % 3), new Guid(i % 5, 1, 1, new byte[8]), i % 7, i / 3.0, i / 100m, count })];
        var rows = Rows(1);
        random.Shuffle(rows);
        await PublishAsync(_sink, table, 1, rows, null);
        await PublishAsync(_sink, table, 2, Rows(2), null);
        var read = await ReadAsync(table);
        read.Count.ShouldBe(500);
        read.ShouldAllBe(row => (long)row[7]! == 2);
        read.Select(row => (bool)row[1]!).ShouldBeInOrder();
    }

    [Fact]
    public async Task A_time_outside_the_years_1_to_9999_is_refused_by_column()
    {
        await PublishAsync(1, Truck("a", 1));
        var table = Table("far", ["hour", "id"], Field("hour", ColumnKind.Timestamp), Field("id", ColumnKind.Int32), Field("at", ColumnKind.Timestamp));
        await _sink.PrepareAsync(table, CancellationToken.None);
        using var batch = Batches.Of(table.Columns, [[Start, 1, Start]]);
        batch.Block(0).Columns[2].Values<long>()[0] = long.MaxValue;
        var error = await Should.ThrowAsync<StoreException>(() => _sink.ReplaceAsync(table, Hour, 1, batch, null, CancellationToken.None));
        error.IsTransient.ShouldBeFalse();
        error.Message.ShouldContain("\"at\"");
        (await _sink.VersionAsync("far", Hour, CancellationToken.None)).ShouldBeNull();
    }
}
