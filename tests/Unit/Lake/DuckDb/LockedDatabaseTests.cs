using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class LockedDatabaseTests : IDisposable
{
    private readonly string _lake = Directory.CreateTempSubdirectory("etl-lake-").FullName;
    private readonly string _outside = Directory.CreateTempSubdirectory("etl-outside-").FullName;
    private readonly LockedDatabase _database;
    private readonly DuckConnection _connection;

    public LockedDatabaseTests()
    {
        using (var free = new DuckDatabase())
        using (var writer = free.Connect())
            foreach (string folder in (string[])[_lake, _outside])
                writer.Execute($"copy (select i, i / 7 as x from range(5000) r(i)) to '{folder}/a.parquet'");
        _database = new LockedDatabase([_lake]);
        _connection = _database.Connect();
        _connection.Execute($"create view a as from '{_lake}/a.parquet'");
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        Directory.Delete(_lake, recursive: true);
        Directory.Delete(_outside, recursive: true);
    }

    [Fact]
    public void A_select_over_a_view_runs()
    {
        using var rows = LockedDatabase.Select(_connection, "select i from a where i > 4000 order by i", 10);
        rows.RowCount.ShouldBe(10);
        rows.GetValue(0, 9).ShouldBe(4010L);
    }

    [Fact]
    public void No_row_still_has_its_columns()
    {
        using var rows = LockedDatabase.Select(_connection, "select i, sum(x) as s from a where false group by i", 10);
        rows.Fields.Select(field => field.Name).ShouldBe(["i", "s"]);
    }

    [Fact]
    public void Even_the_programs_own_statements_cannot_leave_the_folder()
    {
        string[] statements = [$"from '{_outside}/a.parquet'", $"copy a to '{_outside}/b.parquet'", "set enable_external_access = true", "set threads = 7", "set allowed_directories = ['/']", $"attach '{_outside}/x.db'", "install httpfs", "load httpfs"];
        foreach (string sql in statements)
            Should.Throw<DuckException>(() => _connection.Execute(sql)).IsTransient.ShouldBe(false, sql);
        Directory.GetFiles(_outside).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_user_cannot_write_into_the_folder_either()
    {
        Should.Throw<SqlRefusedException>(() => LockedDatabase.Select(_connection, $"copy a to '{_lake}/b.parquet'", 1)).Message.ShouldContain("it is no SELECT");
        Should.Throw<SqlRefusedException>(() => LockedDatabase.Select(_connection, $"from '{_lake}/a.parquet'", 1)).Message.ShouldContain("no table or view");
        Directory.GetFiles(_lake).ShouldHaveSingleItem();
    }
}
