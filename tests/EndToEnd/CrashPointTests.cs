using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Contracts.Events;

namespace Etl.Tests.EndToEnd;

/// <summary>The process ends once at every named point of the way from topic to sink; the next process goes on. Nothing is lost, nothing counts twice.</summary>
[Collection(RealServers.Collection)]
public sealed class CrashPointTests
{
    /// <summary>Points that one run of a DAG does not come by, and who stands up for them.</summary>
    private static readonly Dictionary<CrashPoint, string> Elsewhere = new()
    {
        [CrashPoint.Compacted] = "compaction is no part of a run: LakeConformance crashes there",
        [CrashPoint.FileDeleted] = "only vacuum and sweep delete: LakeConformance crashes there",
    };

    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 3, hours: 2, startHour: 23) with { MeanGap = TimeSpan.FromSeconds(40) });

    public static IEnumerable<TheoryDataRow<CrashPoint, string>> OnTheWay =>
        Enum.GetValues<CrashPoint>().Where(point => !Elsewhere.ContainsKey(point)).SelectMany(point => ((string[])["sqlite", "mysql"]).Select(store => new TheoryDataRow<CrashPoint, string>(point, store)));

    [Theory]
    [MemberData(nameof(OnTheWay))]
    public async Task A_process_that_ends_there_is_followed_by_one_that_completes_the_work_once(CrashPoint point, string store)
    {
        await using var database = store == "mysql" ? RealServers.NewDatabase() : null;
        await using var world = await World.OpenAsync(database is null ? Small : Small with { Metadata = new() { Store = "mysql", Database = database.Name }, MySql = new() { ConnectionString = RealServers.MySql, Database = database.Name } });
        await world.ProduceAsync(_events);
        // The first time it is reached, and a later one: in the middle of the work.
        foreach (int times in (int[])[1, 3])
        {
            (await CrashesAsync(world, point, times)).ShouldBeTrue($"{point} was not reached {times} times");
            await world.RestartEngineAsync();
        }
        await world.RunAsync();
        await world.ShouldHoldExactlyAsync(_events);
        if (database is not null) TruckOracle.Of(_events).ShouldEqual(new MySqlTables(RealServers.MySql, database.Name));
        (await world.RunAsync()).ShouldSatisfyAllConditions(report => report.Read.ShouldBe(0), report => report.Built.ShouldBe(0), report => report.Published.ShouldBe(0));
    }

    [Fact]
    public async Task A_run_comes_by_every_other_point_and_by_none_of_those_left_out()
    {
        var reached = new HashSet<CrashPoint>();
        await using var world = await World.OpenAsync(Small);
        await world.ProduceAsync(_events);
        using (CrashPoints.Listen(point => { lock (reached) reached.Add(point); })) await world.RunAsync();
        reached.Order().ShouldBe(Enum.GetValues<CrashPoint>().Except(Elsewhere.Keys));
    }

    /// <summary>Several batches, so that there is a middle.</summary>
    private static EtlSettings Small => new() { Land = new LandSettings { RecordsPerBatch = 150 } };

    /// <summary>Runs until the point is reached for the n-th time; from there on no part of the process gets past any point.</summary>
    /// <returns>false when the run ended well.</returns>
    private static async Task<bool> CrashesAsync(World world, CrashPoint crash, int times)
    {
        int reached = 0;
        using var listening = CrashPoints.Listen(point =>
        {
            if (point == crash && Interlocked.Increment(ref reached) >= times || Volatile.Read(ref reached) >= times) throw new EndOfProcessException();
        });
        try
        {
            await world.RunAsync();
            return false;
        }
        catch (EndOfProcessException) { return true; }
        catch (AggregateException several) when (several.Flatten().InnerExceptions.Any(one => one is EndOfProcessException)) { return true; }
    }

    /// <summary>Out of memory is the one trouble that nothing in the program takes for a result, as nothing survives the end of a process.</summary>
    private sealed class EndOfProcessException() : OutOfMemoryException("the process ends here");
}
