using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Tests.Unit.Scheduler;

/// <summary>A DAG as a product has it: events, hours of them, days of those, a check and a publish of the hours.</summary>
public sealed class TruckDag
{
    public static readonly SinkName Sink = new("sink");

    public TruckDag(string zone = "UTC")
    {
        Dag = new("trucks") { Zone = zone };
        Events = Dag.Land(topic: "Events", time: "at");
        Hourly = Dag.Build("hourly", Grain.Hour, "hourly.sql", from: Events, key: ["truck"]);
        Daily = Dag.Build("daily", Grain.Day, "daily.sql", from: Hourly, key: ["truck"]);
        Check = Dag.Check(Hourly, "checks.sql");
        Publish = Dag.Publish(Hourly, to: [Sink])[0];
    }

    public Dag Dag { get; }

    public LandStep Events { get; }

    public BuildStep Hourly { get; }

    public BuildStep Daily { get; }

    public CheckStep Check { get; }

    public PublishStep Publish { get; }

    public SlotId Slot(Step step, DateTimeOffset at) => new(step.FullName, Dag.Calendar.Of(step == Daily ? Grain.Day : Grain.Hour, at));

    public static DateTimeOffset Utc(int month, int day, int hour, int minute = 0) => new(2026, month, day, hour, minute, 0, TimeSpan.Zero);
}
