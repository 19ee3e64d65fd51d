using Etl.Contracts;
using Etl.Metadata.Relational;

namespace Etl.Tests.Unit.Metadata;

public sealed class MigrationsTests
{
    [Fact]
    public void A_script_is_cut_at_semicolons_that_end_lines_and_comments_are_left_out() =>
        Migrations.Statements("-- why; so\ncreate table a (\n  text default ';'\n);\ninsert into a values (1);\n").ShouldBe(["create table a (\n  text default ';'\n)", "insert into a values (1)"]);

    [Fact]
    public void Both_dialects_have_the_same_migrations() =>
        Migrations.Of("MySql").Select(static each => (each.Number, each.Name)).ShouldBe(Migrations.Of("Sqlite").Select(static each => (each.Number, each.Name)));

    [Fact]
    public void Every_statement_for_MySql_can_be_run_again() =>
        Migrations.Of("MySql").SelectMany(static each => each.Statements).ShouldAllBe(static statement => statement.StartsWith("create table if not exists") || statement.StartsWith("insert ignore"));

    [Fact]
    public void What_is_recorded_is_not_run_again_and_a_newer_store_is_refused()
    {
        Migration[] known = [new(1, "first", []), new(2, "second", [])];
        Migrations.Pending(known, [], "store").ShouldBe(known);
        Migrations.Pending(known, [1], "store").ShouldBe([known[1]]);
        Migrations.Pending(known, [1, 2], "store").ShouldBeEmpty();
        Should.Throw<StoreException>(() => Migrations.Pending(known, [1, 2, 3], "store")).Message.ShouldContain("version 3, this program knows up to 2");
    }
}
