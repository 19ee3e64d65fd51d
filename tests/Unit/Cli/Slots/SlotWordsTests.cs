using Etl.Cli.Settings;
using Etl.Cli.Slots;
using Etl.Contracts.Time;

namespace Etl.Tests.Unit.Cli.Slots;

public sealed class SlotWordsTests
{
    [Theory]
    [InlineData("trucks truck_hourly 2026-03-01T06:00Z", "trucks/truck_hourly", Grain.Hour)]
    [InlineData("trucks/truck_hourly 2026-03-01T06:00Z", "trucks/truck_hourly", Grain.Hour)]
    [InlineData("truck_hourly@2026-03-01T06:00Z", "trucks/truck_hourly", Grain.Hour)]
    [InlineData("truck_daily 2026-03-01", "trucks/truck_daily", Grain.Day)]
    [InlineData("main poll_weather 2026-03-01", "main/poll_weather", Grain.Day)]
    [InlineData("check_dailydata 2026-03-01", "main/check_dailydata", Grain.Day)]
    [InlineData("publish_hourlydata_sqlite 2026-03-01T06:00Z", "main/publish_hourlydata_sqlite", Grain.Hour)]
    public void A_slot_is_named_in_several_ways(string words, string step, Grain grain)
    {
        var (found, window) = SlotWords.Parse(words.Split(' '));
        (found.FullName, window.Grain, window.ToString()).ShouldBe((step, grain, grain == Grain.Hour ? "2026-03-01T06:00Z" : "2026-03-01"));
    }

    [Theory]
    [InlineData("truck_hourly", "expected STEP WINDOW")]
    [InlineData("truck_hourly 2026-03-01", "expected an instant")]
    [InlineData("trucks/land_truck_telemetry 2026-03-01T06:00Z", "has no slots")]
    public void Words_that_name_none_say_what_is_expected(string words, string expected) => Should.Throw<UsageException>(() => SlotWords.Parse(words.Split(' '))).Message.ShouldContain(expected);

    [Fact]
    public void An_unknown_step_is_told_with_those_of_its_DAG() =>
        Should.Throw<NotFoundException>(() => SlotWords.Parse(["trucks", "truck_weekly", "2026-03-01"])).Message.ShouldSatisfyAllConditions(message => message.ShouldContain("trucks/truck_daily"), message => message.ShouldNotContain("main/"));
}
