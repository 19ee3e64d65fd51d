using System.Diagnostics;
using Etl.Cli.Settings;
using Etl.Contracts.Commits;
using Etl.Contracts.Events;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>Two processes of the program share one MySQL, a lake folder and a topic of four partitions; one of them is killed in the middle.</summary>
public sealed class SharedLandingTests
{
    private const int Partitions = 4;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_land_and_build_together_and_when_one_is_killed_the_other_goes_on_with_no_double_and_no_loss()
    {
        await using var database = RealServers.NewDatabase();
        var settings = new EtlSettings
        {
            Kafka = new() { Partitions = Partitions }, Metadata = new() { Store = "mysql", Database = $"{database.Name}_store" }, MySql = new() { ConnectionString = RealServers.MySql, Database = database.Name },
        };
        await using var world = await World.OpenAsync(settings); // its broker and registry serve both, its lake is theirs
        var events = World.Reports(World.Fleet(trucks: 6, hours: 48) with { MeanGap = TimeSpan.FromSeconds(30) });
        using var first = Home(world, database);
        using var second = Home(world, database);
        using var stays = first.Start("up", "--roles", "worker,feeds", "--every", "0.2");
        var lines = new LineWaiter(stays);
        using var killed = second.Start("up", "--roles", "worker,feeds", "--every", "0.2");
        var others = new LineWaiter(killed);
        string Said() => $"first:\n{lines.All}\nsecond:\n{others.All}";
        try
        {
            await lines.ForAsync("Ctrl-C stops", Longest);
            await others.ForAsync("Ctrl-C stops", Longest);
            await UntilAsync("two landers with two partitions each", async () => (await FeedAsync(world)) is { Landers: [{ Partitions.Count: 2 }, { Partitions.Count: 2 }] }, Said);
            await world.ProduceAsync(events[..(events.Count / 2)]);
            await UntilAsync("all landed and built by both", async () => await LandedAsync(world) == events.Count / 2 && (await TokensAsync(world, CommitKind.Land, 0)).Count == 2 && (await TokensAsync(world, CommitKind.Build, 0)).Count == 2, Said);

            string dead = $"up {killed.Id}";
            long head = await world.Store.Commits.HeadAsync(Cancel);
            await world.ProduceAsync(events[(events.Count / 2)..]);
            await UntilAsync("a batch of the one to be killed", async () => (await TokensAsync(world, CommitKind.Land, head)).Contains(dead), Said);
            killed.Kill();
            await killed.WaitForExitAsync(Cancel);
            (await LandedAsync(world)).ShouldBeLessThan(events.Count, "it was killed when all had landed: nothing was taken over");

            var now = DateTimeOffset.UtcNow;
            await world.Store.Runs.TriggerAsync("trucks", new(RunKind.Manual, now, now, now, Lane.Live, "{}", "test", "test"), Cancel);
            await lines.ForAsync("trucks: run 1 done", Longest);
            (await FeedAsync(world))!.Landers.ShouldHaveSingleItem().Partitions.Count.ShouldBe(Partitions);
            (await TokensAsync(world, CommitKind.Land, head)).Count.ShouldBe(2, "both landed of the second half");
        }
        finally
        {
            if (!killed.HasExited) killed.Kill();
            stays.Kill();
            await stays.WaitForExitAsync(Cancel);
        }
        (await world.LandedAsync()).Landed.ShouldBe(events.Count);
        await world.ShouldVerifyAsync();
        TruckOracle.Of(events).ShouldEqual(new MySqlTables(RealServers.MySql, database.Name));
    }

    private static EtlProcess Home(World world, OwnDatabase database)
    {
        var home = new EtlProcess();
        foreach (var (name, value) in (IEnumerable<(string, string)>)
        [
            ("Kafka__BootstrapServers", world.Servers.Kafka), ("Kafka__Partitions", $"{Partitions}"), ("Registry__Url", world.Servers.Registry.ToString()), ("Metadata__Store", "mysql"), ("Metadata__Database", $"{database.Name}_store"),
            ("MySql__ConnectionString", RealServers.MySql), ("MySql__Database", database.Name), ("Lake__Folder", world.Engine.Lake.Options.Folder), ("Land__RecordsPerBatch", "200"), ("Steps__LeaseSeconds", "8"),
        ]) home.Environment[$"Etl__{name}"] = value;
        return home;
    }

    private static async Task<FeedStatus?> FeedAsync(World world) => (await world.Store.Feeds.ListAsync(Cancel)).FirstOrDefault(feed => feed.Feed.StartsWith("trucks/", StringComparison.Ordinal));

    private static async Task<long> LandedAsync(World world) => (await world.Store.Catalog.ProgressAsync(World.Trucks.Topics[0].Name, Cancel)).Sum(part => part.Landed);

    /// <summary>Names of the processes that made commits of the kind after the number.</summary>
    private static async Task<IReadOnlySet<string>> TokensAsync(World world, CommitKind kind, long after) =>
        (await world.Store.Commits.AfterAsync(after, 100_000, Cancel)).Where(commit => commit.Kind == kind).Select(commit => commit.Writer).ToHashSet();

    private static async Task UntilAsync(string what, Func<Task<bool>> isSo, Func<string> said)
    {
        for (var watch = Stopwatch.StartNew(); !await isSo();)
        {
            if (watch.Elapsed > Longest) Assert.Fail($"not {what} within {Longest}; {said()}");
            await Task.Delay(20, Cancel);
        }
    }
}
