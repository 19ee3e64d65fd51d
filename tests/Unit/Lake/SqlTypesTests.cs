using Etl.Codecs.Columns;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class SqlTypesTests
{
    public static TheoryData<ColumnType> Types =>
    [
        .. Enum.GetValues<ColumnKind>().Where(kind => kind is not (ColumnKind.Decimal or ColumnKind.List or ColumnKind.Struct or ColumnKind.Map)).Select(ColumnType.Of),
        ColumnType.Decimal(18, 4), ColumnType.Decimal(38, 0), ColumnType.List(ColumnType.List(ColumnType.Of(ColumnKind.Text))),
        ColumnType.Struct(new ColumnField("a \"b\", c", ColumnType.Decimal(4, 4), true), new ColumnField("d", ColumnType.List(ColumnType.Of(ColumnKind.Date)), true)),
        ColumnType.Map(ColumnType.Of(ColumnKind.Text), ColumnType.Struct(new ColumnField("x", ColumnType.Of(ColumnKind.Double), true))),
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_read_as_it_was_written(ColumnType type) => SqlTypes.Parse(type.ToSql()).ShouldBe(type);

    [Theory]
    [InlineData("", "letter 1")]
    [InlineData("NUMBER", "letter 7")]
    [InlineData("DECIMAL(39,0)", "a number from 1 to 38")]
    [InlineData("DECIMAL(4,5)", "a number from 0 to 4")]
    [InlineData("STRUCT(a BIGINT)", "expected \"\"\" at letter 8")]
    [InlineData("STRUCT(\"a", "letter 10")]
    [InlineData("BIGINT x", "expected the end at letter 7")]
    public void Other_text_is_refused_with_its_place(string text, string place) => Should.Throw<FormatException>(() => SqlTypes.Parse(text)).Message.ShouldContain(place);

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Should.Throw<FormatException>(() => SqlTypes.Parse(string.Concat(Enumerable.Repeat("STRUCT(\"a\" ", 10_000)))).Message.ShouldContain("deeper than 64");
}
