using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Planning;

/// <summary>The tick over a real store in a file, on a clock that the test moves.</summary>
public sealed class ScheduleTickTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-ticks-").FullName;
    private readonly FakeTimeProvider _clock = new(new(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 30, TimeSpan.Zero);
    private IMetadata _store = null!;

    public async ValueTask InitializeAsync() => _store = await SqliteMetadata.OpenAsync(Path.Combine(_folder, "store.db"), _clock);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_year_of_hourly_fires_with_outages_makes_each_run_once()
    {
        var dag = new Dag("hourly") { Zone = "Europe/Berlin", Schedule = Schedule.Cron("0 * * * *"), CatchUp = CatchUp.All };
        var random = new Random(7);
        var (first, second) = (NewTick(dag), NewTick(dag));
        await first.RunAsync(default);
        var end = _clock.GetUtcNow().AddDays(365);
        int made = 0;
        while (_clock.GetUtcNow() < end)
        {
            _clock.Advance(TimeSpan.FromMinutes(random.Next(1, random.Next(10) == 0 ? 6_000 : 240)));
            if (random.Next(50) == 0) first = NewTick(dag); // the node was started anew
            made += (await first.RunAsync(default)).Count;
            if (random.Next(3) == 0) made += (await second.RunAsync(default)).Count;
        }
        var runs = await _store.Runs.ListAsync(new() { Max = 20_000 }, default);
        runs.Count.ShouldBe(made);
        runs.Count.ShouldBe((int)(_clock.GetUtcNow() - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalHours);
        runs.Zip(runs.Skip(1)).ShouldAllBe(pair => pair.First.From == pair.Second.Fire && pair.First.Fire - pair.Second.Fire == TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_paused_dag_plans_nothing_and_catches_up_when_it_is_resumed()
    {
        var dag = new Dag("hourly") { Schedule = Schedule.Cron("0 * * * *"), CatchUp = CatchUp.Last };
        var tick = NewTick(dag);
        (await tick.RunAsync(default)).Count.ShouldBe(1, "a new schedule with catch-up last takes the newest fire");
        await _store.Runs.PauseAsync("hourly", true, "", default);
        _clock.Advance(TimeSpan.FromHours(5));
        (await tick.RunAsync(default)).ShouldBeEmpty();
        await _store.Runs.PauseAsync("hourly", false, "", default);
        _clock.Advance(ScheduleTick.Every);
        (await tick.RunAsync(default)).ShouldHaveSingleItem().Fire.ShouldBe(new(2026, 1, 1, 5, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_clock_that_runs_back_makes_no_run_again()
    {
        var dag = new Dag("hourly") { Schedule = Schedule.Every(TimeSpan.FromHours(1)), CatchUp = CatchUp.All };
        var tick = NewTick(dag);
        await tick.RunAsync(default);
        _clock.Advance(TimeSpan.FromHours(2));
        (await tick.RunAsync(default)).Count.ShouldBe(2);
        _clock.AdjustTime(_clock.GetUtcNow().AddHours(-1));
        (await tick.RunAsync(default)).ShouldBeEmpty();
        (await NewTick(dag).RunAsync(default)).ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromHours(2));
        (await tick.RunAsync(default)).ShouldHaveSingleItem();
    }

    public static TheoryData<string, int> Jumps => new(from catchUp in (string[])["all", "last", "within", "none"] from hours in (int[])[1, 24] select (catchUp, hours));

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_clock_that_jumps_forward_and_is_set_back_loses_no_fire_and_makes_none_twice(string catchUp, int hours)
    {
        var dag = new Dag("hourly") { Schedule = Schedule.Cron("0 * * * *"), CatchUp = catchUp switch { "all" => CatchUp.All, "last" => CatchUp.Last, "within" => CatchUp.AllWithin(TimeSpan.FromHours(2)), _ => CatchUp.None } };
        var tick = NewTick(dag);
        async Task PassAsync(int minutes)
        {
            for (; minutes > 0; minutes--)
            {
                await tick.RunAsync(default);
                _clock.Advance(TimeSpan.FromMinutes(1));
            }
        }
        await PassAsync(3 * 60 + 58);
        _clock.AdjustTime(_clock.GetUtcNow().AddHours(hours));
        await PassAsync(5); // a fire's time goes by, unseen
        _clock.AdjustTime(_clock.GetUtcNow().AddHours(-hours));
        if (hours == 24) tick = NewTick(dag); // the node was started anew, too
        await PassAsync((hours + 3) * 60);
        var fires = (await _store.Runs.ListAsync(new() { Max = 1_000 }, default)).Select(run => run.Fire).Where(fire => fire > _start).Order().ToList();
        fires.ShouldBe(Enumerable.Range(1, fires.Count).Select(hour => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hour)));
        fires.Count.ShouldBeInRange(hours + 7, hours + 8);
    }

    [Fact]
    public async Task Nothing_is_planned_while_the_database_s_clock_is_too_far_off()
    {
        var dag = new Dag("hourly") { Schedule = Schedule.Cron("0 * * * *"), CatchUp = CatchUp.All };
        var off = TimeSpan.Zero;
        var tick = new ScheduleTick([dag], _store.Runs, _clock, "1.0", _ => Task.FromResult(_clock.GetUtcNow() + off));
        await tick.RunAsync(default);
        off = TimeSpan.FromDays(-1);
        _clock.Advance(TimeSpan.FromHours(2));
        (await Should.ThrowAsync<ClockSkewException>(() => tick.RunAsync(default))).Message.ShouldContain("time server");
        (await _store.Runs.ListAsync(new(), default)).ShouldBeEmpty();
        off = TimeSpan.FromSeconds(-10);
        (await tick.RunAsync(default)).Count.ShouldBe(2, "nothing is lost");
    }

    [Fact]
    public void The_wait_ends_at_the_next_fire_and_is_never_longer_than_a_tick()
    {
        NewTick(new Dag("manual")).Wait().ShouldBe(ScheduleTick.Every);
        NewTick(new Dag("daily") { Schedule = Schedule.Cron("0 6 * * *") }).Wait().ShouldBeLessThan(TimeSpan.FromSeconds(1), "it has not looked yet");
    }

    private ScheduleTick NewTick(Dag dag) => new([dag], _store.Runs, _clock, "1.0");
}
