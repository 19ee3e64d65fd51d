using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

public sealed class OrderedRunsTests
{
    private static readonly ColumnField[] OneLong = [new("n", ColumnType.Of(ColumnKind.Int64), false)];

    [Fact]
    public void Rows_come_by_hour_then_partition_then_arrival()
    {
        var random = new Random(7);
        using var batch = new ColumnBatch(OneLong);
        var runs = new OrderedRuns(batch);
        var expected = new List<(int Hour, int Partition, long Number)>();
        for (int number = 0; number < 10_000; number++)
        {
            var group = (Hour: random.Next(-3, 3), Partition: random.Next(4), (long)number);
            var block = batch.Open();
            block.Columns[0].Values<long>()[block.Count] = number;
            runs.Append(group.Hour, group.Partition, batch.BlockCount - 1, block.Count++);
            expected.Add(group);
        }

        Numbers(runs).ShouldBe(expected.OrderBy(row => row.Hour).ThenBy(row => row.Partition).Select(row => row.Number));
        runs.Hours.ShouldBe(expected.GroupBy(row => row.Hour).OrderBy(group => group.Key).Select(group => new HourRows(group.Key, group.Count())));
        runs.RowCount.ShouldBe(10_000);
    }

    [Fact]
    public void Rows_of_one_group_that_lie_together_are_one_run_per_block()
    {
        using var batch = new ColumnBatch(OneLong);
        var runs = new OrderedRuns(batch);
        for (int row = 0; row < 3 * ColumnBlock.RowsMax; row++)
        {
            var block = batch.Open();
            runs.Append(5, 1, batch.BlockCount - 1, block.Count++);
        }

        runs.RunCount.ShouldBe(3);
        runs.Run(2).ShouldBe(new RowRun(2, 0, ColumnBlock.RowsMax));
        runs.GroupOf(2).ShouldBe((5, 1));
    }

    [Fact]
    public void A_row_left_out_between_two_others_breaks_the_run()
    {
        using var batch = new ColumnBatch(OneLong);
        batch.Open().Count = 3;
        var runs = new OrderedRuns(batch);
        runs.Append(0, 0, 0, 0);
        runs.Append(0, 0, 0, 2);

        runs.RunCount.ShouldBe(2);
    }

    [Fact]
    public void More_runs_than_allowed_and_rows_after_reading_are_refused()
    {
        using var batch = new ColumnBatch(OneLong);
        batch.Open().Count = 3;
        var runs = new OrderedRuns(batch, runsMax: 2);
        runs.Append(0, 0, 0, 0);
        runs.Append(1, 0, 0, 1);

        Should.Throw<InvalidOperationException>(() => runs.Append(2, 0, 0, 2)).Message.ShouldContain("runsMax");
        runs.RowCount.ShouldBe(2);
        runs.Run(0).ShouldBe(new RowRun(0, 0, 1));
        Should.Throw<InvalidOperationException>(() => runs.Append(1, 0, 0, 2));
        runs.Clear();
        runs.Append(1, 0, 0, 2);
        runs.RunCount.ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3_599_999_999, 0)]
    [InlineData(3_600_000_000, 1)]
    [InlineData(-1, -1)]
    [InlineData(-3_600_000_000, -1)]
    [InlineData(-3_600_000_001, -2)]
    [InlineData(ColumnRange.MicrosMin, -17_259_888)]
    [InlineData(ColumnRange.MicrosMax, 70_389_527)]
    public void An_hour_holds_its_start_and_not_its_end(long micros, int hour) => OrderedRuns.HourOf(micros).ShouldBe(hour);

    private static IEnumerable<long> Numbers(IColumnSource source)
    {
        for (int index = 0; index < source.RunCount; index++)
        {
            var run = source.Run(index);
            for (int row = run.First; row < run.First + run.Count; row++) yield return source.Block(run.Block).Columns[0].Values<long>()[row];
        }
    }
}
