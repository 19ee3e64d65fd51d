using System.Text;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Weather;
using Etl.Sources;
using Etl.Sources.Climate;
using Etl.Sources.Weather;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Jobs.Weather;

public sealed class WeatherPollsTests
{
    private static readonly Dag Main = new MainDag(new() { HourlyTopic = "hours", DailyTopic = "days" }).Define();
    private static readonly WeatherAsk Ask = new(WeatherDefaults.Places, WeatherDefaults.Hourly, [DailyVariables.WeatherCode]);

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeSource _source = new();
    private readonly WeatherPolls _polls;

    public WeatherPollsTests() => _polls = new(Main.Steps.OfType<PollStep>().Single(), _source, _clock);

    [Fact]
    public async Task Each_day_has_its_own_hours_and_what_the_source_says_of_it()
    {
        var days = await _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default);
        days.Select(day => (day.Count(record => record.Topic == "hours"), day.Count(record => record.Topic == "days"))).ShouldBe([(24 * 5, 5), (23 * 5, 5)]);
        days[1].Select(record => Encoding.UTF8.GetString(record.Key)).ShouldContain("52.5244,13.4105@2024-03-30T23:00Z");
        days[1].Select(record => Encoding.UTF8.GetString(record.Key)).ShouldContain("52.5244,13.4105@2024-03-31[Europe/Berlin]");
    }

    [Theory]
    [InlineData(Lane.Live, SourceLane.Live)]
    [InlineData(Lane.Backfill, SourceLane.Backfill)]
    public async Task A_lane_pays_from_its_own_share(Lane lane, SourceLane account)
    {
        await _polls.FetchAsync(Ask.ToString(), Days(30, 30), lane, default);
        _source.Hours.ShouldHaveSingleItem().Lane.ShouldBe(account);
    }

    [Fact]
    public async Task Hours_whose_days_are_put_off_are_not_asked_for_again_soon()
    {
        _source.DaysThrow = new SourceException(FailureClass.Throttled, "too many", TimeSpan.FromMinutes(1));
        await Should.ThrowAsync<SourceException>(() => _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default));
        _source.DaysThrow = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default))[0].Count.ShouldBe(25 * 5);
        _source.Hours.Count.ShouldBe(1);
        await _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default);
        _source.Hours.Count.ShouldBe(2, "they are used once");
    }

    [Fact]
    public async Task Hours_that_were_kept_too_long_would_not_agree_with_their_days_any_more()
    {
        _source.DaysThrow = new SourceException(FailureClass.Throttled, "too many", TimeSpan.FromHours(1));
        await Should.ThrowAsync<SourceException>(() => _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default));
        _source.DaysThrow = null;
        _clock.Advance(TimeSpan.FromHours(1));
        await _polls.FetchAsync(Ask.ToString(), Days(30, 31), Lane.Live, default);
        _source.Hours.Count.ShouldBe(2);
    }

    private static List<Window> Days(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(day => Main.Calendar.Day(new(2024, 3, day)))];

    private sealed class FakeSource : IWeatherSource
    {
        private readonly ClimateSource _climate = new();

        public SourceException? DaysThrow { get; set; }

        public List<HourlyRequest> Hours { get; } = [];

        public string Name => "fake";

        public bool IsOffline => true;

        public long Calls => _climate.Calls;

        public Task<IReadOnlyList<HourlyMetrics>> HourlyAsync(HourlyRequest request, CancellationToken cancel)
        {
            Hours.Add(request);
            return _climate.HourlyAsync(request, cancel);
        }

        public Task<IReadOnlyList<DailyMetrics>> DailyAsync(DailyRequest request, CancellationToken cancel) => DaysThrow is null ? _climate.DailyAsync(request, cancel) : throw DaysThrow;

        public SourceCost CostOf(HourlyRequest request) => default;

        public SourceCost CostOf(DailyRequest request) => default;
    }
}
