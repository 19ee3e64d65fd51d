using Etl.Cli.Output;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Values;
using Etl.Codecs.Columns;
using Etl.Lake.DuckDb;
using Spectre.Console;

namespace Etl.Tests.Unit.Cli.Output;

public sealed class OutputTests
{
    [Fact]
    public void A_sparkline_goes_from_the_least_to_the_most()
    {
        Sparkline.Of([1, 2, 3, 4, 5, 6, 7, 8]).ShouldBe("▁▂▃▄▅▆▇█");
        Sparkline.Of([5, 5]).ShouldBe("▁▁");
        Sparkline.Of([]).ShouldBe("");
    }

    [Fact]
    public void A_hex_dump_has_place_hex_and_letters()
    {
        HexDump.Of("etl\0 reads bytes\n"u8).ShouldBe(
            "00000000  65 74 6c 00 20 72 65 61  64 73 20 62 79 74 65 73  |etl. reads bytes|\n" +
            "00000010  0a                                                |.|\n");
        HexDump.Of([]).ShouldBe("");
        HexDump.TextOrHex([0xff, 1]).ShouldBe("0xff01");
    }

    [Fact]
    public void Rows_that_fit_are_a_table_and_others_a_list()
    {
        using var rows = Rows("SELECT 42 AS n, 'x[y]' AS t, NULL::VARCHAR AS nothing, TIMESTAMPTZ '2026-03-01 06:00:00+00' AS at");
        Drawn(rows, 80).ShouldContain("│ 42 │ x[y] │ null    │ 2026-03-01 06:00Z │");
        Drawn(rows, 20).ShouldContain("  nothing  null\n");
    }

    [Fact]
    public void Csv_quotes_what_must_be_quoted_and_tells_null_from_empty()
    {
        using var rows = Rows("SELECT 1.5::DOUBLE AS \"a,b\", 'say \"x\"' AS q, NULL::VARCHAR AS nothing, '' AS blank, TIMESTAMPTZ '2026-03-01 06:00:00.5+00' AS at");
        var text = new StringWriter { NewLine = "\n" };
        Csv.Write(text, rows, 1);
        text.ToString().ShouldBe("\"a,b\",q,nothing,blank,at\n1.5,\"say \"\"x\"\"\",,\"\",2026-03-01T06:00:00.5Z\n");
    }

    [Fact]
    public void Avro_values_show_times_as_text_and_unions_as_their_branch()
    {
        var schema = (RecordSchema)SchemaParser.Parse("""
            {"type":"record","name":"R","fields":[{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
            {"name":"maybe","type":["null",{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}]},{"name":"raw","type":"bytes"},{"name":"far","type":{"type":"long","logicalType":"timestamp-millis"}}]}
            """);
        AvroView.Text(AvroView.Plain(schema, new AvroRecord(schema, 1_500_000L, new byte[] { 1, 0 }, new byte[] { 0xca, 0xfe }, long.MaxValue)))
            .ShouldBe("""{"at":"1970-01-01T00:00:01.5Z","maybe":2.56,"raw":"cafe","far":9223372036854775807}""");
    }

    private static ColumnBatch Rows(string sql)
    {
        using var database = new DuckDatabase(new DuckOptions());
        using var connection = database.Connect();
        return connection.Fetch(sql);
    }

    private static string Drawn(ColumnBatch rows, int width)
    {
        var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = width;
        RowsView.Draw(console, rows, rows.RowCount);
        return text.ToString();
    }
}
