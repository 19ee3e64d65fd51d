using Etl.Sources;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Sources;

public sealed class SourceBudgetTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Three_days_of_both_lanes_never_exceed_a_limit_in_any_window_and_use_most_of_it()
    {
        var limits = new SourceLimits();
        var budget = new SourceBudget(limits, time);
        var random = new Random(5);
        var arrivals = new List<(DateTimeOffset At, double Weight, SourceLane Lane)>();
        var start = time.GetUtcNow();
        while (time.GetUtcNow() < start.AddDays(3))
        {
            var lane = random.Next(4) == 0 ? SourceLane.Live : SourceLane.Backfill;
            double weight = 1 + random.NextDouble() * 60;
            if (Wait(budget, lane, weight) is var wait && wait == TimeSpan.Zero)
                arrivals.Add((time.GetUtcNow() + limits.DelayMax * random.NextDouble(), weight, lane)); // some reach the source late
            else time.Advance(random.Next(3) == 0 ? wait : TimeSpan.FromSeconds(random.Next(1, 30)));
        }
        arrivals.Sort((one, other) => one.At.CompareTo(other.At));
        foreach (var (length, limit) in new[] { (TimeSpan.FromMinutes(1), 600d), (TimeSpan.FromHours(1), 5_000), (TimeSpan.FromDays(1), 10_000) })
        {
            Most(arrivals, length).ShouldBeLessThanOrEqualTo(limit);
            Most([.. arrivals.Where(arrival => arrival.Lane == SourceLane.Backfill)], length).ShouldBeLessThanOrEqualTo(0.8 * limit);
        }
        arrivals.Sum(arrival => arrival.Weight).ShouldBeGreaterThan(25_000);
    }

    [Fact]
    public void What_backfills_leave_is_there_for_live()
    {
        var budget = new SourceBudget(new(), time);
        for (int call = 0; call < 480; call++) Wait(budget, SourceLane.Backfill, 1).ShouldBe(TimeSpan.Zero);
        Wait(budget, SourceLane.Backfill, 1).ShouldBe(TimeSpan.FromSeconds(65));
        for (int call = 0; call < 120; call++) Wait(budget, SourceLane.Live, 1).ShouldBe(TimeSpan.Zero);
        Wait(budget, SourceLane.Live, 1).ShouldBe(TimeSpan.FromSeconds(65));
        budget.Left(SourceLane.Live).ShouldBe(0);
    }

    [Fact]
    public void After_the_time_told_there_is_room()
    {
        var budget = new SourceBudget(new() { PerMinute = 10 }, time);
        Wait(budget, SourceLane.Live, 4);
        time.Advance(TimeSpan.FromSeconds(20));
        Wait(budget, SourceLane.Live, 6);
        Wait(budget, SourceLane.Live, 4).ShouldBe(TimeSpan.FromSeconds(45));
        Wait(budget, SourceLane.Live, 5).ShouldBe(TimeSpan.FromSeconds(65));
        time.Advance(TimeSpan.FromSeconds(45));
        Wait(budget, SourceLane.Live, 4).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task While_the_source_asks_for_patience_nobody_is_given_anything()
    {
        var budget = new SourceBudget(new(), time);
        await budget.HoldAsync(TimeSpan.FromMinutes(10), default);
        await budget.HoldAsync(TimeSpan.FromMinutes(1), default);
        Wait(budget, SourceLane.Live, 1).ShouldBe(TimeSpan.FromMinutes(10));
        budget.Left(SourceLane.Backfill).ShouldBe(0);
        time.Advance(TimeSpan.FromMinutes(10));
        Wait(budget, SourceLane.Backfill, 1).ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(481)]
    [InlineData(double.NaN)]
    public void A_weight_that_can_never_be_given_is_refused(double weight) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Wait(new(new(), time), SourceLane.Backfill, weight)).Message.ShouldContain("1 to 480");

    [Fact]
    public void Limits_are_checked_all_at_once() =>
        new SourceLimits { PerMinute = 0, PerHour = double.NaN, PerDay = 1e9, LiveShare = 1, DelayMax = TimeSpan.FromHours(1) }.Faults().Count().ShouldBe(5);

    private static TimeSpan Wait(SourceBudget budget, SourceLane lane, double weight)
    {
        var reserved = budget.ReserveAsync(lane, weight, default);
        return reserved.IsCompleted ? reserved.GetAwaiter().GetResult() : throw new InvalidOperationException("the budget in memory waits for nobody");
    }

    /// <summary>The most that came within any window of that length, by brute force from each arrival on.</summary>
    private static double Most(List<(DateTimeOffset At, double Weight, SourceLane Lane)> arrivals, TimeSpan length)
    {
        double most = 0, sum = 0;
        int end = 0;
        for (int start = 0; start < arrivals.Count; start++)
        {
            while (end < arrivals.Count && arrivals[end].At < arrivals[start].At + length) sum += arrivals[end++].Weight;
            most = Math.Max(most, sum);
            sum -= arrivals[start].Weight;
        }
        return most - 1e-6;
    }
}
