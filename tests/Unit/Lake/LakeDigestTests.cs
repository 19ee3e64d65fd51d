using Etl.Codecs.Columns;
using Etl.Contracts.Time;
using Etl.Lake;
using static Etl.Tests.Unit.Lake.LakeRoom;

namespace Etl.Tests.Unit.Lake;

public sealed class LakeDigestTests
{
    private const string Sql = "select truck_id, count(*) as n from truck_data group by truck_id";

    private static string Of(string sql = Sql, string key = "truck_id", Window? window = null, IReadOnlyList<DatasetColumn>? columns = null) =>
        LakeDigest.Of(sql, [key], window ?? Hour(7), [(TruckRows.Input, columns ?? TruckRows.Columns)]);

    [Fact]
    public void Comments_and_layout_change_nothing() => Of("SELECT truck_id,count( * ) AS n -- all\n  FROM truck_data GROUP BY truck_id ;").ShouldBe(Of());

    [Fact]
    public void Other_SQL_key_or_window_is_another_digest() =>
        new[] { Of(), Of(Sql + " having n > 1"), Of(key: "n"), Of(window: Hour(8)), Of(window: new(Grain.Hour, Hour(7).Start, Hour(7).End, "Etc/UTC")) }.Distinct().Count().ShouldBe(5);

    [Fact]
    public void A_new_column_counts_only_where_it_is_read()
    {
        IReadOnlyList<DatasetColumn> wider = [.. TruckRows.Columns, new("load", ColumnType.Of(ColumnKind.Double), true)];
        Of(columns: wider).ShouldBe(Of());
        Of("select * from truck_data", columns: wider).ShouldNotBe(Of("select * from truck_data"));
        Of("select load from truck_data", columns: wider).ShouldNotBe(Of("select load from truck_data"));
    }

    [Fact]
    public void Another_default_of_a_column_that_is_read_counts()
    {
        IReadOnlyList<DatasetColumn> other = [.. TruckRows.Columns.Select(column => column.Name == "truck_id" ? column with { Default = "'?'" } : column)];
        Of(columns: other).ShouldNotBe(Of());
    }
}
