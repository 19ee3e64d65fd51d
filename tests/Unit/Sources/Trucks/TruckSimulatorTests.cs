using Etl.Contracts.Events;
using Etl.Sources.Trucks;

namespace Etl.Tests.Unit.Sources.Trucks;

public sealed class TruckSimulatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Twenty_trucks_make_about_a_million_reports_in_three_days()
    {
        var options = new TruckSimulatorOptions { Start = Start, End = Start.AddDays(3) };
        new TruckSimulator(options).Reports().LongCount().ShouldBeInRange(985_000, 1_005_000); // standing for fuel takes a little
    }

    [Fact]
    public void Speeds_are_normal_and_gaps_exponential()
    {
        var reports = new TruckSimulator(new() { Start = Start, Trucks = 1, RefuelTime = TimeSpan.Zero }).Reports().Take(200_000).ToList();
        double mean = reports.Average(report => report.EngineSpeed);
        double deviation = Math.Sqrt(reports.Average(report => Math.Pow(report.EngineSpeed - mean, 2)));
        mean.ShouldBe(80, 0.01);
        deviation.ShouldBe(1, 0.01);
        reports.Count(report => Math.Abs(report.EngineSpeed - 80) < 1).ShouldBeInRange(135_500, 137_500); // 68.27 %

        var gaps = reports.Zip(reports.Skip(1), (one, next) => (next.Timestamp - one.Timestamp).TotalSeconds).ToList();
        gaps.Average().ShouldBe(5.18, 0.05);
        gaps.Count(gap => gap > 5.18).ShouldBeInRange(72_500, 74_700); // 1/e
    }

    [Fact]
    public void One_trucks_times_rise_strictly_and_all_come_in_order()
    {
        var reports = new TruckSimulator(new() { Start = Start, Trucks = 50, MeanGap = TimeSpan.FromMilliseconds(1) }).Reports().Take(100_000).ToList();
        reports.Zip(reports.Skip(1)).ShouldAllBe(pair => pair.First.Timestamp <= pair.Second.Timestamp);
        foreach (var truck in reports.GroupBy(report => report.TruckId))
        {
            truck.Zip(truck.Skip(1)).ShouldAllBe(pair => pair.First.Timestamp < pair.Second.Timestamp);
            truck.Select(report => report.Sequence).ShouldBe(Enumerable.Range(1, truck.Count()).Select(number => (long)number));
        }
    }

    [Fact]
    public void Distance_and_fuel_follow_the_speed_until_the_tank_is_empty_and_begin_again_at_0()
    {
        var options = new TruckSimulatorOptions { Start = Start, Trucks = 1, MeanGap = TimeSpan.FromMinutes(1) };
        var reports = new TruckSimulator(options).Reports().Take(20_000).ToList();
        reports[0].DistanceCovered.ShouldBe(0);
        reports[0].FuelConsumed.ShouldBe(0);
        int trips = 1;
        foreach (var (before, report) in reports.Zip(reports.Skip(1)))
        {
            report.FuelConsumed.ShouldBeLessThan(options.TankLitres);
            if (report.DistanceCovered == 0)
            {
                trips++;
                before.FuelConsumed.ShouldBeGreaterThan(0.9 * options.TankLitres);
                (report.Timestamp - before.Timestamp).ShouldBeGreaterThan(options.RefuelTime);
            }
            else
            {
                double hours = (report.Timestamp - before.Timestamp).TotalHours;
                (report.DistanceCovered - before.DistanceCovered).ShouldBe(hours * (before.EngineSpeed + report.EngineSpeed) / 2, 1e-9);
            }
        }
        // 400 l at 30 l on 100 km are 1,333 km; 20,000 minutes at 80 km/h are 26,667 km.
        trips.ShouldBeInRange(20, 21);
    }

    [Fact]
    public void A_trucks_reports_do_not_depend_on_how_many_others_there_are()
    {
        var few = Of("truck-00003", new() { Start = Start, Trucks = 3 });
        var many = Of("truck-00003", new() { Start = Start, Trucks = 300 });
        var part = Of("truck-00003", new() { Start = Start, Trucks = 1, FirstTruckNumber = 3 });
        many.ShouldBe(few);
        part.ShouldBe(few);

        static List<TruckTelemetry> Of(string truck, TruckSimulatorOptions options) => [.. new TruckSimulator(options).Reports().Where(report => report.TruckId == truck).Take(500)];
    }

    [Fact]
    public void Going_on_after_the_last_reports_gives_the_same_as_never_having_stopped()
    {
        var options = new TruckSimulatorOptions { Start = Start, Trucks = 7, MeanGap = TimeSpan.FromMinutes(10) };
        var whole = new TruckSimulator(options).Reports().Take(30_000).ToList();
        var last = whole.Take(10_000).GroupBy(report => report.TruckId).Select(truck => truck.Last());
        new TruckSimulator(options, last).Reports().Take(20_000).ShouldBe(whole.Skip(10_000));
    }

    [Fact]
    public void Another_seed_makes_other_reports()
    {
        var one = new TruckSimulator(new() { Start = Start, Seed = 1 }).Reports().Take(100);
        new TruckSimulator(new() { Start = Start, Seed = 2 }).Reports().Take(100).Intersect(one).ShouldBeEmpty();
    }

    [Fact]
    public void The_end_is_excluded_and_the_start_of_the_next_day_goes_on()
    {
        var day = new TruckSimulatorOptions { Start = Start, End = Start.AddDays(1), Trucks = 3, MeanGap = TimeSpan.FromMinutes(1) };
        var first = new TruckSimulator(day).Reports().ToList();
        first.ShouldAllBe(report => report.Timestamp < day.End);
        var second = new TruckSimulator(day with { End = Start.AddDays(2) }, first.GroupBy(report => report.TruckId).Select(truck => truck.Last())).Reports();
        first.Concat(second).ShouldBe(new TruckSimulator(day with { End = Start.AddDays(2) }).Reports());
    }

    [Fact]
    public void A_report_of_a_stranger_and_faulty_options_are_refused()
    {
        var options = new TruckSimulatorOptions { Start = Start, Trucks = 2 };
        var stranger = new TruckSimulator(options with { Trucks = 3 }).Reports().First(report => report.TruckId == "truck-00003");
        Should.Throw<ArgumentException>(() => new TruckSimulator(options, [stranger])).Message.ShouldContain("expected truck-00001 to truck-00002");
        Should.Throw<ArgumentException>(() => new TruckSimulator(options with { Trucks = 0, SpeedDeviation = double.NaN })).Message.ShouldContain("speedDeviation");
    }
}
