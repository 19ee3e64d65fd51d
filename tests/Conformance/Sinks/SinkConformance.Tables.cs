using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

public abstract partial class SinkConformance
{
    [Fact]
    public async Task A_new_column_widens_the_table_and_old_rows_have_null_in_it()
    {
        await PublishAsync(1, Truck("a", 1));
        var wider = Trucks with { Columns = [.. Trucks.Columns, Field("fuel", ColumnKind.Double)] };
        var next = WindowCalendar.Of("UTC").HourOf(Hour.End);
        await PublishAsync(_sink, wider, 2, [[Hour.End, "a", 1L, 80.0, 12.5]], null, next);
        (await ReadAsync(wider)).ShouldHaveSingleItem()[4].ShouldBeNull();
        (await ReadAsync(wider, next)).ShouldHaveSingleItem()[4].ShouldBe(12.5);
    }

    [Fact]
    public async Task A_result_with_fewer_columns_leaves_no_old_value_behind()
    {
        await PublishAsync(1, Truck("a", 1));
        var narrower = Trucks with { Columns = [.. Trucks.Columns.Take(3)] };
        await PublishAsync(_sink, narrower, 2, [[Start, "a", 2L]], null);
        (await ReadAsync()).ShouldHaveSingleItem().ShouldBe([Start, "a", 2L, null]);
    }

    [Fact]
    public async Task Preparing_a_table_that_fits_changes_nothing()
    {
        await PublishAsync(1, Truck("a", 1));
        (await _sink.PrepareAsync(Trucks, CancellationToken.None)).ShouldBeNull();
        await using var other = Open();
        (await other.PrepareAsync(Trucks, CancellationToken.None)).ShouldBeNull();
        await ShouldHoldAsync(Truck("a", 1));
    }

    [Fact]
    public async Task Two_that_make_and_widen_the_same_table_at_once_both_publish()
    {
        await using var first = Open();
        await using var second = Open();
        var later = WindowCalendar.Of("UTC").HourOf(Hour.End);
        var forms = new[] { Trucks.Columns, [.. Trucks.Columns, Field("fuel", ColumnKind.Double)], [.. Trucks.Columns, Field("fuel", ColumnKind.Double), Field("load", ColumnKind.Double)] };
        for (int round = 1; round <= SchemaRounds; round++)
        {
            // Made by two in two forms, then widened by both: to the same form in odd rounds, by a column each in even ones.
            var table = Trucks with { Name = $"truck_round_{round}" };
            ResultTable narrow = table with { Columns = forms[0] }, wide = table with { Columns = forms[1] };
            await AtOnce.RunAsync(PublishingAsync(first, narrow, 1, Hour), PublishingAsync(second, wide, 1, later));
            ResultTable widest = table with { Columns = forms[2] }, other = round % 2 == 1 ? widest : table with { Columns = [.. forms[1], Field("wind", ColumnKind.Double)] };
            await AtOnce.RunAsync(PublishingAsync(first, widest, 2, Hour), PublishingAsync(second, other, 2, later));
            (await ReadAsync(widest)).ShouldHaveSingleItem().ShouldBe([Hour.Start, "a", 2L, 1.0, 2.0, 3.0]);
            (await ReadAsync(other, later)).ShouldHaveSingleItem().ShouldBe([later.Start, "a", 2L, 1.0, 2.0, 3.0]);
        }

        Func<Task> PublishingAsync(ISink sink, ResultTable table, long version, Window window) => async () =>
            (await PublishAsync(sink, table, version, [[.. new object?[] { window.Start, "a", version, 1.0, 2.0, 3.0 }.Take(table.Columns.Count)]], null, window)).ShouldBe(ReplaceOutcome.Replaced);
    }

    [Fact]
    public async Task A_wider_whole_number_fits()
    {
        var narrow = Trucks with { Columns = [Trucks.Columns[0], Trucks.Columns[1], Field("count", ColumnKind.Int32), Trucks.Columns[3]] };
        await PublishAsync(_sink, narrow, 1, [[Start, "a", 1, 80.0]], null);
        await PublishAsync(2, Truck("a", long.MaxValue));
        await ShouldHoldAsync(Truck("a", long.MaxValue));
        await PublishAsync(_sink, narrow, 3, [[Start, "a", 3, 80.0]], null);
        await ShouldHoldAsync(Truck("a", 3));
    }

    [Fact]
    public async Task A_wider_decimal_fits()
    {
        ResultTable Sized(int precision, int scale) => Table("amounts", ["hour"], Field("hour", ColumnKind.Timestamp), new("amount", ColumnType.Decimal(precision, scale), true));
        await PublishAsync(_sink, Sized(6, 2), 1, [[Start, 1234.56m]], null);
        await PublishAsync(_sink, Sized(9, 6), 2, [[Start, 123.456789m]], null);
        (await ReadAsync(Sized(9, 6))).ShouldHaveSingleItem()[1].ShouldBe(123.456789m);
        await PublishAsync(_sink, Sized(6, 2), 3, [[Start, 9999.99m]], null);
        (await ReadAsync(Sized(6, 2))).ShouldHaveSingleItem()[1].ShouldBe(9999.99m);
    }

    [Fact]
    public async Task Another_type_is_refused_with_found_and_expected()
    {
        await PublishAsync(1, Truck("a", 1));
        var other = Trucks with { Columns = [.. Trucks.Columns.Take(3), Field("speed", ColumnKind.Text)] };
        string reason = (await _sink.PrepareAsync(other, CancellationToken.None)).ShouldNotBeNull();
        reason.ShouldContain("truck_hourly.speed: found ");
        reason.ShouldContain("expected ");
    }

    [Fact]
    public async Task Another_key_is_refused()
    {
        await PublishAsync(1, Truck("a", 1));
        (await _sink.PrepareAsync(Trucks with { Key = ["hour", "truck_id", "count"] }, CancellationToken.None)).ShouldNotBeNull()
            .ShouldContain("found the key (hour, truck_id), expected (hour, truck_id, count)");
    }

    [Theory]
    [InlineData("table")]
    [InlineData("view")]
    public async Task A_table_or_view_that_is_not_ours_is_refused_and_left_alone(string kind)
    {
        Assert.SkipWhen(kind == "view" && ForeignView is null, "this database has no views that are on by default");
        await ExecuteAsync(kind == "table" ? ForeignTable : ForeignView!);
        (await _sink.PrepareAsync(Trucks, CancellationToken.None)).ShouldNotBeNull().ShouldContain($"truck_hourly: found a {kind} of that name that etl did not make");
        await ExecuteAsync($"DROP {kind} truck_hourly");
        (await PublishAsync(1, Truck("a", 1))).ShouldBe(ReplaceOutcome.Replaced);
    }

    [Fact]
    public async Task A_table_dropped_by_hand_is_made_again_and_takes_the_same_version()
    {
        await PublishAsync(5, Truck("a", 5));
        await ExecuteAsync("DROP TABLE truck_hourly");
        (await PublishAsync(5, Truck("a", 5))).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(Truck("a", 5));
    }

    [Fact]
    public async Task What_no_database_can_hold_is_refused_before_it_is_asked()
    {
        async Task<string> Refusal(ResultTable table) => (await _sink.PrepareAsync(table, CancellationToken.None)).ShouldNotBeNull();
        (await Refusal(Trucks with { Name = "etl_published" })).ShouldContain("publish under another name");
        (await Refusal(Trucks with { Name = "x; DROP TABLE y" })).ShouldContain("publish under another name");
        (await Refusal(Trucks with { Columns = [.. Trucks.Columns, Field("state", ColumnKind.Bytes)] })).ShouldContain("BLOB");
        (await Refusal(Trucks with { Columns = [.. Trucks.Columns, Field("Speed", ColumnKind.Double)] })).ShouldContain("twice");
        (await Refusal(Trucks with { Key = ["truck_id", "hour"] })).ShouldContain("must begin with the window's column");
    }

    [Fact]
    public async Task Column_names_that_SQL_knows_or_quotes_are_only_names()
    {
        var table = Table("order", ["hour", "select"], Field("hour", ColumnKind.Timestamp), Field("select", ColumnKind.Text), Field("max(\"x\") `y` ?", ColumnKind.Double), Field("größe", ColumnKind.Double));
        await PublishAsync(_sink, table, 1, [[Start, "a", 1.5, 2.5]], null);
        await PublishAsync(_sink, table, 2, [[Start, "a", 3.5, 4.5]], null);
        (await ReadAsync(table)).ShouldHaveSingleItem().ShouldBe([Start, "a", 3.5, 4.5]);
    }

    [Fact]
    public async Task A_key_that_is_there_twice_is_refused()
    {
        (await Should.ThrowAsync<ArgumentException>(() => PublishAsync(1, Truck("b", 1), Truck("a", 1), Truck("b", 2)))).Message.ShouldContain("two rows with the key");
        (await Should.ThrowAsync<ArgumentException>(() => PublishAsync(1, [Hour.End, "a", 1L, null]))).Message.ShouldContain("expected the window's 2026-03-01 07:00:00");
        (await Should.ThrowAsync<ArgumentException>(() => PublishAsync(1, [Start, null, 1L, null]))).Message.ShouldContain("no truck_id");
    }
}
