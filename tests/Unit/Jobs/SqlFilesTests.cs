using Etl.Cli;
using Etl.Codecs.Avro;
using Etl.Codecs.Columns;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs;
using Etl.Lake;
using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Jobs;

/// <summary>Every SQL file of every product, over tables with the columns of its inputs.</summary>
public sealed class SqlFilesTests : IDisposable
{
    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 1, MemoryMegabytes = 256 });

    public static TheoryData<string, string> Steps =>
        [.. Composition.Products.SelectMany(product => product.Dag.Steps.Where(step => SqlOf(step) is not null).Select(step => (product.Dag.Name, step.Name)))];

    public void Dispose() => _database.Dispose();

    [Theory]
    [MemberData(nameof(Steps))]
    public void The_SQL_of_a_step_passes_the_lint(string dag, string step)
    {
        var product = Composition.Products.Single(one => one.Dag.Name == dag);
        using var connection = _database.Connect();
        foreach (var land in product.Dag.Steps.OfType<LandStep>())
            MakeTable(connection, land.Dataset, [.. ColumnShape.Of(SchemaParser.Parse(product.Topics.Single(topic => topic.Name == land.Topic).Schema)).Fields, .. DatasetColumns.Origin.Select(column => column.Field)]);
        connection.Execute("create temp macro window_start() as timestamptz '2026-03-01 00:00:00+00'; create temp macro window_end() as timestamptz '2026-03-02 00:00:00+00'");
        foreach (var build in product.Dag.Steps.OfType<BuildStep>().TakeWhile(build => build.Name != step))
            MakeTable(connection, build.Dataset, [new(build.WindowColumn, ColumnType.Of(build.Grain == Grain.Hour ? ColumnKind.Timestamp : ColumnKind.Date), false), .. connection.Describe(product.Sql(build.SqlName))]);

        string sql = product.Sql(SqlOf(product.Dag.Steps.Single(one => one.Name == step))!);
        SqlLint.Check(connection, sql).Select(finding => finding.Describe(sql)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_SQL_file_belongs_to_a_step()
    {
        var used = Composition.Products.SelectMany(product => product.Dag.Steps.Select(SqlOf).OfType<string>().Select(product.Sql)).ToHashSet();
        var assembly = typeof(SqlFile).Assembly;
        var files = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).ToList();
        files.ShouldNotBeEmpty();
        files.Where(name => !used.Contains(new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())).ShouldBeEmpty();
    }

    private static string? SqlOf(Step step) => step switch { BuildStep build => build.SqlName, CheckStep check => check.SqlName, _ => null };

    private static void MakeTable(DuckConnection connection, string name, IReadOnlyList<ColumnField> fields) =>
        connection.Execute($"create temp table {Sql.Name(name)} ({string.Join(", ", fields.Select(field => $"{Sql.Name(field.Name)} {field.Type.ToSql()}"))})");
}
