using System.CommandLine;
using System.Globalization;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Cli.Simulation;
using Etl.Contracts.Time;
using Etl.Jobs.Trucks;
using Etl.Sources.Trucks;

namespace Etl.Cli.Commands;

/// <summary>Makes events as a fleet would: history as fast as it goes, or live at a rate.</summary>
internal static class SimulateCommand
{
    private static readonly Option<int> TrucksOption = new("--trucks") { Description = "How many trucks", DefaultValueFactory = _ => 20, HelpName = "N" };
    private static readonly Option<double> DaysOption = new("--days") { Description = "Days of event time to make, e.g. 0.5", DefaultValueFactory = _ => 1, HelpName = "D" };
    private static readonly Option<string> StartOption = new("--start") { Description = "Event time of the first events: a date of the DAG's zone, or an instant", DefaultValueFactory = _ => "2026-03-01", HelpName = "TIME" };
    private static readonly Option<double> RateOption = new("--rate") { Description = "Events per second; 0 as fast as possible", DefaultValueFactory = _ => 0, HelpName = "N" };
    private static readonly Option<long> SeedOption = new("--seed") { Description = "The same seed makes the same events", DefaultValueFactory = _ => 1, HelpName = "N" };

    public static Command New()
    {
        var trucks = new Verb("trucks", "Truck telemetry to topic Truck-Data; a fleet that has reported before goes on after its last report", "etl simulate trucks --trucks 20 --days 3 --rate 50000")
        {
            TrucksOption, DaysOption, StartOption, RateOption, SeedOption,
        };
        trucks.SetAction(Invocation.Of(TrucksAsync));
        var orientation = new Verb("orientation", "Device orientation to topic Device-Orientation", "etl simulate orientation --trucks 5 --days 1") { TrucksOption, DaysOption, StartOption, RateOption, SeedOption };
        orientation.SetAction(Invocation.Of(OrientationAsync));
        return new Verb("simulate", "Make events on a topic", "etl simulate trucks --days 3") { trucks, orientation };
    }

    private static async Task<int> TrucksAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var (start, end) = Span(parsed, new TrucksDag().Define().Calendar);
        var options = new TruckSimulatorOptions { Trucks = parsed.GetValue(TrucksOption), Seed = parsed.GetValue(SeedOption), Start = start, End = end };
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new UsageException($"simulate trucks: {string.Join("; ", faults)}");
        var topics = await invocation.OpenTopicsAsync(cancel);
        await topics.DeclareAsync(RunCommand.Find("trucks"), cancel);
        using var progress = new ProgressLine(invocation.Terminal, "simulate trucks");
        return Answer(invocation, await TruckProduction.RunAsync(topics, options, Rate(parsed), invocation.Clock, progress, cancel), progress);
    }

    private static async Task<int> OrientationAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var (start, end) = Span(parsed, new OrientationDag().Define().Calendar);
        var options = new OrientationSimulatorOptions { Devices = parsed.GetValue(TrucksOption), Seed = parsed.GetValue(SeedOption), Start = start, End = end };
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new UsageException($"simulate orientation: {string.Join("; ", faults)}");
        var topics = await invocation.OpenTopicsAsync(cancel);
        await topics.DeclareAsync(RunCommand.Find("orientation"), cancel);
        using var progress = new ProgressLine(invocation.Terminal, "simulate orientation");
        return Answer(invocation, await OrientationProduction.RunAsync(topics, options, Rate(parsed), invocation.Clock, progress, cancel), progress);
    }

    private static int Answer(Invocation invocation, ProductionReport report, ProgressLine progress)
    {
        progress.End(report.ToString());
        if (invocation.Terminal.IsJson) invocation.Terminal.Answer(report, _ => { });
        return ExitCodes.Ok;
    }

    private static double Rate(ParseResult parsed) => parsed.GetValue(RateOption) switch
    {
        0 => double.PositiveInfinity,
        > 0 and var rate => rate,
        var rate => throw new UsageException($"--rate: found {rate.ToString(CultureInfo.InvariantCulture)}, expected 0 or more events per second"),
    };

    private static (DateTimeOffset Start, DateTimeOffset End) Span(ParseResult parsed, WindowCalendar calendar)
    {
        string text = parsed.GetValue(StartOption)!;
        double days = parsed.GetValue(DaysOption);
        if (!(days > 0 && days <= 36_525)) throw new UsageException($"--days: found {days.ToString(CultureInfo.InvariantCulture)}, expected more than 0, up to 36,525");
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            var begin = calendar.Day(date).Start;
            return (begin, days == Math.Floor(days) ? calendar.Day(date.AddDays((int)days)).Start : begin + TimeSpan.FromDays(days)); // whole days are days of the zone
        }
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) return (instant, instant + TimeSpan.FromDays(days));
        throw new UsageException($"--start: found \"{text}\", expected a date such as 2026-03-01 or an instant such as 2026-03-01T06:00Z");
    }
}
