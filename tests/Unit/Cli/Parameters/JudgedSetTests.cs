using Etl.Cli.Parameters;
using Etl.Contracts.Workflow;
using Etl.Jobs.Weather;

namespace Etl.Tests.Unit.Cli.Parameters;

public sealed class JudgedSetTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dag Main = new MainDag(new()).Define();
    private static readonly Dag[] Dags = [Main, new HistoricMainDag(Main).Define(), new("trucks")];

    [Fact]
    public void What_a_call_must_add_is_told_where_nothing_is_wrong()
    {
        var set = Judged("historic_main", ("longitudes", "8.56"), ("latitudes", "46.56"));
        (set.Faults.Count, set.Wants.ShouldHaveSingleItem(), set.Brief).ShouldBe((0, "start_date, end_date: are missing, expected both, such as 2024-01-01 and 2024-03-31", "latitudes=46.56 longitudes=8.56"));
        Judged("historic_main", ("start_date", "2024-01-01"), ("end_date", "2024-01-02")).Wants.ShouldBeEmpty();
        Judged("main", ("hourly", "rain")).Word.ShouldContain("good");
    }

    [Theory]
    [InlineData("historic_main", "latitudes", "95", "expected degrees from -90 to 90")]
    [InlineData("historic_main", "city", "Berlin", "found \"city\", expected one of latitudes")]
    [InlineData("trucks", "city", "Berlin", "trucks takes no parameters any more")]
    [InlineData("gone", "city", "Berlin", "found no DAG gone, expected one of: main, historic_main, trucks")]
    public void A_set_that_its_DAG_does_not_take_any_more_says_why(string dag, string name, string text, string fault)
    {
        var set = Judged(dag, (name, text), ("longitudes", "8.56"));
        set.Faults.ShouldContain(line => line.Contains(fault, StringComparison.Ordinal));
        set.Wants.ShouldBeEmpty();
        set.Word.ShouldContain("not good");
    }

    [Fact]
    public void A_long_value_is_cut_in_a_line() => Judged("main", ("hourly", new('x', 100))).Brief.Length.ShouldBe("hourly=".Length + 60);

    private static JudgedSet Judged(string dag, params (string Name, string Text)[] texts) => JudgedSet.Of(new() { Dag = dag, Name = "alps", Texts = texts.ToDictionary(text => text.Name, text => text.Text) }, Dags, Now);
}
