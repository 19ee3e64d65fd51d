using Etl.Codecs.Columns;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class DatasetColumnsTests
{
    [Fact]
    public void Columns_are_read_as_they_were_written()
    {
        IReadOnlyList<DatasetColumn> columns =
        [
            new("truck_id", ColumnType.Of(ColumnKind.Text), false),
            new("größe", ColumnType.Decimal(9, 2), true) { Default = "'it''s'", Aliases = ["size", "length"] },
        ];
        string json = DatasetColumns.Write(columns);
        json.ShouldBe("""[{"name":"truck_id","type":"VARCHAR","nullable":false},{"name":"größe","type":"DECIMAL(9,2)","nullable":true,"default":"'it''s'","aliases":["size","length"]}]""");
        var read = DatasetColumns.Read(json);
        read[0].ShouldBe(columns[0] with { Aliases = read[0].Aliases });
        (read[1].Default, read[1].Aliases.ToArray(), read[1].Field).ShouldBe(("'it''s'", ["size", "length"], columns[1].Field), EqualParts);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""[{"name":"a"}]""")]
    [InlineData("""[{"name":"a","type":"NUMBER","nullable":true}]""")]
    [InlineData("[")]
    public void Other_text_is_a_format_error(string json) => Should.Throw<FormatException>(() => DatasetColumns.Read(json));

    private static readonly IEqualityComparer<(string?, string[], ColumnField)> EqualParts =
        EqualityComparer<(string?, string[], ColumnField)>.Create((one, other) => one.Item1 == other.Item1 && one.Item2.SequenceEqual(other.Item2) && one.Item3 == other.Item3);
}
