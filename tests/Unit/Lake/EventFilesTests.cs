using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class EventFilesTests : IDisposable
{
    private const int Rows = 5_000; // more than two blocks

    private static readonly IReadOnlyList<DatasetColumn> Columns =
    [
        new("time", ColumnType.Of(ColumnKind.Timestamp), false), new("text", ColumnType.Of(ColumnKind.Text), true), new("flag", ColumnType.Of(ColumnKind.Boolean), true),
        new("amount", ColumnType.Decimal(18, 3), true), new("tags", ColumnType.List(ColumnType.Of(ColumnKind.Text)), true),
        new("place", ColumnType.Struct(new ColumnField("lat", ColumnType.Of(ColumnKind.Double), true), new ColumnField("name", ColumnType.Of(ColumnKind.Text), true)), true),
    ];

    private readonly LakeRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Values_of_every_shape_come_back_as_they_were_written()
    {
        var schema = new DatasetSchema("d", 1, DatasetColumns.Write(Columns), 1, "{}");
        using var batch = Batch();
        long token = await _room.Store.OpenWriterAsync("lander", TimeSpan.FromMinutes(1), default);
        var file = await _room.Lake.WriteEventsAsync(schema, batch, [new(LakeRoom.Hour(7).Start, Rows)], [new("T", 1, 0, 0, Rows)], token, default);
        (file.Rows, file.SchemaVersion, file.Path[..10]).ShouldBe((Rows, 1, "d/2026-03/"));
        await _room.CommitAsync(new() { Kind = CommitKind.Land, Token = token, Added = [file], Schemas = [schema] });

        await using var snapshot = await _room.Lake.OpenAsync([LakeInput.Events("d", "time")], LakeRoom.Hour(7), _room.Store.Head, default);
        using var read = await snapshot.RowsAsync("select * exclude (_generation) from d order by _offset", Rows, default);
        read.RowCount.ShouldBe(Rows);
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < batch.Fields.Count; column++)
                Text(read.GetValue(column, row)).ShouldBe(Text(batch.GetValue(column, row)), $"{batch.Fields[column].Name} of row {row}");
    }

    [Fact]
    public async Task Windows_that_do_not_add_up_to_the_rows_are_our_mistake_and_leave_no_final_file()
    {
        using var batch = Batch();
        await Should.ThrowAsync<InvalidOperationException>(() => _room.Lake.WriteEventsAsync(new("d", 1, DatasetColumns.Write(Columns), 1, "{}"), batch, [new(LakeRoom.Hour(7).Start, Rows - 1)], [], 1, default));
        _room.Lake.Files.All().ShouldAllBe(path => LakeFiles.IsTemporary(path));
    }

    private static ColumnBatch Batch()
    {
        var batch = new ColumnBatch([.. Columns.Concat(DatasetColumns.Origin).Select(column => column.Field)]);
        for (int row = 0; row < Rows; row++)
        {
            var block = batch.Open();
            int at = block.Count++;
            block.Columns[0].Values<long>()[at] = Micros.Of(LakeRoom.Hour(7).Start) + row;
            if (row % 3 == 0) block.Columns[1].SetNull(at);
            else block.Columns[1].Values<ColumnText>()[at] = Keep(block, row % 2 == 0 ? $"short {row}" : $"long enough to lie outside of the value {row}");
            if (row % 5 == 0) block.Columns[2].SetNull(at);
            else block.Columns[2].Values<byte>()[at] = (byte)(row % 2);
            if (row % 7 == 0) block.Columns[3].SetNull(at);
            else block.Columns[3].Values<long>()[at] = -row * 1_001L;
            if (row % 11 == 0) block.Columns[4].SetNull(at);
            else FillTags(block, block.Columns[4], at, row);
            if (row % 13 == 0) block.Columns[5].SetNull(at);
            else FillPlace(block, block.Columns[5], at, row);
            block.Columns[6].Values<int>()[at] = 0;
            block.Columns[7].Values<long>()[at] = row;
            block.Columns[8].Values<int>()[at] = 1;
        }
        return batch;
    }

    private static void FillTags(ColumnBlock block, ColumnVector tags, int at, int row)
    {
        int count = row % 4;
        tags.Values<(long Offset, long Length)>()[at] = (tags.ChildCount, count);
        tags.Children[0].Reserve(tags.ChildCount + count);
        for (int i = 0; i < count; i++)
        {
            if (i == 2) tags.Children[0].SetNull(tags.ChildCount++);
            else tags.Children[0].Values<ColumnText>()[tags.ChildCount++] = Keep(block, $"a tag that is rather long {row}.{i}");
        }
    }

    private static void FillPlace(ColumnBlock block, ColumnVector place, int at, int row)
    {
        place.Children[0].Values<double>()[at] = row / 3.0;
        if (row % 2 == 0) place.Children[1].SetNull(at);
        else place.Children[1].Values<ColumnText>()[at] = Keep(block, $"place {row}");
    }

    private static ColumnText Keep(ColumnBlock block, string text) => block.Heap.Keep(Encoding.UTF8.GetBytes(text));

    private static string Text(object? value) => System.Text.Json.JsonSerializer.Serialize(value);
}
