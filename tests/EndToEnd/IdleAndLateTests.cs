using Etl.Contracts.Events;

namespace Etl.Tests.EndToEnd;

/// <summary>What a run does when nothing, little or nothing of importance has come since the last one.</summary>
public sealed class IdleAndLateTests : IAsyncLifetime
{
    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 3, hours: 5, startHour: 22) with { MeanGap = TimeSpan.FromSeconds(60) });
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await World.OpenAsync();
        await _world.ProduceAsync(_events);
        var first = await _world.RunAsync();
        // Five hours and the two days that they touch; four results by the hour, one check, five publishes.
        (first.Landed, first.Built, first.Checked, first.Published).ShouldBe((_events.Count, 4 * 5 + 2, 5, 4 * 5 + 2));
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_second_run_does_nothing_also_in_the_next_process()
    {
        await ShouldDoNothingAsync();
        await _world.RestartEngineAsync();
        await ShouldDoNothingAsync();
    }

    [Fact]
    public async Task After_one_late_event_exactly_its_hour_and_its_day_are_built_and_published_again()
    {
        var at = _events[_events.Count / 2];
        var late = new TruckTelemetry
        {
            TruckId = at.TruckId, Sequence = _events.Where(report => report.TruckId == at.TruckId).Max(report => report.Sequence) + 1, Timestamp = at.Timestamp.AddMicroseconds(1),
            EngineSpeed = 93.25, DistanceCovered = at.DistanceCovered, FuelConsumed = at.FuelConsumed,
        };
        var before = (Hourly: _world.Rows("truck_hourly"), Daily: _world.Rows("truck_daily"));
        await _world.ProduceAsync([late]);

        var report = await _world.RunAsync();
        report.Landed.ShouldBe(1);
        report.BuiltByStep.ShouldBe(new Dictionary<string, int>
        {
            ["truck_daily"] = 1, ["truck_distance_correlation"] = 1, ["truck_engine_speed_correlation"] = 1, ["truck_hourly"] = 1, ["truck_parameter_map"] = 1,
        }, ignoreOrder: true);
        (report.Unchanged, report.Checked, report.Published).ShouldBe((0, 1, 5));

        _world.Rows("truck_hourly").Except(before.Hourly).ShouldHaveSingleItem().ShouldContain($"truck_id={late.TruckId}");
        _world.Rows("truck_daily").Except(before.Daily).ShouldHaveSingleItem().ShouldContain($"truck_id={late.TruckId}");
        await _world.ShouldVerifyAsync();
        await ShouldDoNothingAsync();
    }

    [Fact]
    public async Task An_event_that_changes_no_row_moves_nothing_downstream()
    {
        var before = (Hourly: _world.Rows("truck_hourly"), Daily: _world.Rows("truck_daily"));
        await _world.ProduceAsync([_events[_events.Count / 2]]); // the same truck and sequence once more: the newest of them counts, and it says the same
        var report = await _world.RunAsync();
        (report.Landed, report.Built, report.Unchanged, report.Checked, report.Published).ShouldBe((1, 0, 4, 0, 0));
        _world.Rows("truck_hourly").ShouldBe(before.Hourly);
        _world.Rows("truck_daily").ShouldBe(before.Daily);
        await ShouldDoNothingAsync();
    }

    private async Task ShouldDoNothingAsync()
    {
        var report = await _world.RunAsync();
        (report.Read, report.Landed, report.Built, report.Unchanged, report.Checked, report.Published).ShouldBe((0, 0, 0, 0, 0, 0));
    }
}
