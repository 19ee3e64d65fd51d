using Etl.Codecs.Columns;
using Etl.Sinks.MySql;

namespace Etl.Tests.Unit.Sinks.MySql;

public sealed class MySqlColumnTypeTests
{
    [Theory]
    [InlineData("bigint(20)", "BIGINT")]
    [InlineData("bigint", "BIGINT")]
    [InlineData("int(11)", "INT")]
    [InlineData("tinyint(1)", "TINYINT(1)")]
    [InlineData("decimal(18,4)", "DECIMAL(18,4)")]
    [InlineData("datetime(6)", "DATETIME(6)")]
    [InlineData("varchar(255)", "VARCHAR(255)")]
    [InlineData("longtext", "LONGTEXT")]
    public void A_column_type_is_read_as_both_servers_write_it(string text, string expected) => MySqlColumnType.Parse(text).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("int", "bigint", "BIGINT")]
    [InlineData("bigint", "int", "BIGINT")]
    [InlineData("decimal(6,2)", "decimal(9,6)", "DECIMAL(10,6)")]
    [InlineData("bigint", "decimal(9,2)", "DECIMAL(21,2)")]
    [InlineData("varchar(100)", "varchar(255)", "VARCHAR(255)")]
    [InlineData("double", "double", "DOUBLE")]
    public void Two_types_are_widened_to_what_holds_both(string found, string expected, string wider) =>
        MySqlColumnType.Parse(found).With(MySqlColumnType.Parse(expected))!.Value.ToString().ShouldBe(wider);

    [Theory]
    [InlineData("double", "bigint")]
    [InlineData("longtext", "double")]
    [InlineData("bigint unsigned", "bigint")]
    [InlineData("bigint(20) unsigned", "bigint")]
    [InlineData("datetime", "datetime(6)")]
    [InlineData("tinyint(1)", "int")]
    [InlineData("decimal(65,0)", "decimal(10,10)")]
    public void Types_of_which_neither_holds_the_other_are_not_widened(string found, string expected) =>
        MySqlColumnType.Parse(found).With(MySqlColumnType.Parse(expected)).ShouldBeNull();

    [Fact]
    public void Every_kind_but_bytes_has_a_type_that_is_read_back_as_itself()
    {
        foreach (var kind in Enum.GetValues<ColumnKind>().Where(kind => kind != ColumnKind.Decimal))
        {
            var type = MySqlColumnType.Of(ColumnType.Of(kind), keyLetters: null);
            MySqlColumnType.Parse(type.ToString().ToLowerInvariant()).With(type).ShouldNotBeNull($"{kind}");
        }
    }
}
