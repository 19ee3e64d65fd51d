using Etl.Contracts.Workflow;

namespace Etl.Tests.Unit.Contracts.Workflow;

public sealed class ParameterSetTests
{
    private static readonly ParameterSet Alps = new() { Dag = "historic_main", Name = "alps", Texts = new Dictionary<string, string> { ["latitudes"] = "46.56", ["longitudes"] = "8.56" } };

    [Fact]
    public void What_a_call_gives_takes_the_place_of_what_the_set_holds()
    {
        Alps.With(new Dictionary<string, string> { ["longitudes"] = "9", ["hourly"] = "" }).ShouldBe(new Dictionary<string, string> { ["latitudes"] = "46.56", ["longitudes"] = "9", ["hourly"] = "" }, ignoreOrder: true);
        Alps.Texts["longitudes"].ShouldBe("8.56", "the set stays as it is");
    }

    [Theory]
    [InlineData("alps", true)]
    [InlineData("2024-q1_all", true)]
    [InlineData("", false)]
    [InlineData("-alps", false)]
    [InlineData("Alps", false)]
    [InlineData("ALPS", false)]
    [InlineData("al ps", false)]
    [InlineData("alpen/süd", false)]
    public void A_name_is_easy_to_type(string name, bool isGood) => (Alps with { Name = name }).Faults().Any().ShouldBe(!isGood);

    [Fact]
    public void Its_name_and_size_are_bounded_and_it_is_not_empty()
    {
        Alps.Faults().ShouldBeEmpty();
        (Alps with { Name = new('a', 64) }).Faults().ShouldBeEmpty();
        (Alps with { Name = new('a', 65) }).Faults().ShouldHaveSingleItem().ShouldContain("expected 1 to 64");
        (Alps with { Texts = new Dictionary<string, string>() }).Faults().ShouldHaveSingleItem().ShouldContain("expected at least one");
        (Alps with { Texts = new Dictionary<string, string> { ["latitudes"] = new('1', ParameterSet.TextLettersMax) } }).Faults().ShouldHaveSingleItem().ShouldContain("found 200,009 letters");
    }
}
