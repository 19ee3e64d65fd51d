using System.Globalization;
using Etl.Jobs;
using Etl.Jobs.Weather;
using Etl.Lake.DuckDb;
using Etl.Sources.Climate;
using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Jobs.Weather;

/// <summary>The SQL of days made of hours, and of the check that holds them against the source's, on tables made by hand.</summary>
public sealed class WeatherSqlTests : IDisposable
{
    private static readonly string Check = SqlFile.Read(typeof(MainDag), "dailydata.checks.sql");

    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 1, MemoryMegabytes = 256 });

    public static TheoryData<string> Variables => [.. DailyVariables.All.Select(variable => variable.Name)];

    public void Dispose() => _database.Dispose();

    [Theory]
    [MemberData(nameof(Variables))]
    public void A_day_is_refused_when_it_is_farther_from_its_hours_than_rounding_explains(string name)
    {
        var variable = DailyVariables.All.Single(variable => variable.Name == name);
        Refused(variable, variable.Tolerance).ShouldBeEmpty();
        Refused(variable, -variable.Tolerance).ShouldBeEmpty();
        Refused(variable, variable.Tolerance + 0.001).ShouldBe([name]);
        Refused(variable, -variable.Tolerance - 0.001).ShouldBe([name]);
    }

    [Theory]
    [InlineData(3_600, 24, 24, true)]
    [InlineData(7_200, 24, 24, false)] // the source cut the day at 23:00
    [InlineData(3_600, 23, 23, false)]
    [InlineData(3_600, 25, 25, false)]
    [InlineData(3_600, 24, 23, false)] // an hour has not come
    public void Held_against_each_other_are_whole_days_that_were_cut_as_the_zone_does(int offset, int hoursOfDay, int hours, bool isHeld) =>
        Refused(DailyVariables.TemperatureMax, 5, offset, hoursOfDay, hours).Count.ShouldBe(isHeld ? 1 : 0);

    [Fact]
    public async Task A_day_of_hours_is_what_the_variables_say_it_is()
    {
        var from = new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero);
        var hours = await new ClimateSource().HourlyAsync(new() { Places = [WeatherDefaults.Places[0]], From = from, To = from.AddHours(24), Variables = HourlyVariables.All }, default);
        using var connection = _database.Connect();
        connection.Execute($"create temp table hourlydata (place text, {string.Join(", ", HourlyVariables.All.Select(variable => $"{variable.Name} double"))})");
        foreach (var hour in hours) connection.Execute($"insert into hourlydata values ('{hour.Place}', {string.Join(", ", HourlyVariables.All.Select(variable => Number(variable.Of(hour))))})");
        using var rows = connection.Fetch(SqlFile.Read(typeof(MainDag), "dailydata_own.sql"));
        rows.RowCount.ShouldBe(1);
        foreach (var variable in DailyVariables.All)
            ((double)rows.GetValue(rows.IndexOf(variable.Name), 0)!).ShouldBe(variable.Over(hours)!.Value, variable.Tolerance + 0.051, variable.Name);
        rows.GetValue(rows.IndexOf("hours"), 0).ShouldBe(24L);
    }

    private List<string> Refused(DailyVariable variable, double difference, int offset = 3_600, int hoursOfDay = 24, int hours = 24)
    {
        using var connection = _database.Connect();
        string columns = string.Join(", ", DailyVariables.All.Select(each => $"{each.Name} double"));
        connection.Execute($"create temp macro window_start() as timestamptz '2026-03-01 23:00:00+00'; create temp macro window_end() as timestamptz '2026-03-01 23:00:00+00' + interval {hoursOfDay} hours");
        connection.Execute($"create temp table dailydata (day date, place text, day_start timestamptz, utc_offset_seconds int, {columns}); create temp table dailydata_own (day date, place text, hours bigint, {columns})");
        connection.Execute($"insert into dailydata (day, place, day_start, utc_offset_seconds, {variable.Name}) values ('2026-03-02', 'Berlin', '2026-03-01 23:00:00+00', {offset}, {Number(10 + difference)})");
        connection.Execute($"insert into dailydata_own (day, place, hours, {variable.Name}) values ('2026-03-02', 'Berlin', {hours}, 10)");
        using var rows = connection.Fetch(Check);
        return [.. Enumerable.Range(0, rows.RowCount).Select(row => rows.GetString(rows.IndexOf("variable"), row)!)];
    }

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "null";
}
