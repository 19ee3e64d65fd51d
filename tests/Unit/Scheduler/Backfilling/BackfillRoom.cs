using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;
using Etl.Tests.Unit.Scheduler.Running;

namespace Etl.Tests.Unit.Scheduler.Backfilling;

/// <summary>A DAG with three days of events, all built; the keeper and the loops take turns as the test says.</summary>
internal sealed class BackfillRoom : IAsyncDisposable
{
    private const int TurnsMax = 200;

    private readonly IReadOnlyList<DagLoop> _loops;
    private readonly long _token;

    private BackfillRoom(RunRoom room, long token)
    {
        (Room, _token) = (room, token);
        var parts = new WorkParts(room.Metadata, room.Committer, room.Jobs, new(new() { AttemptsMax = 1 }, room.Clock, new Random(1)), new() { Parallelism = 2 }, room.Clock);
        _loops = DagLoop.Of(room.Truck.Dag, parts);
        Keeper = new(_loops, parts);
    }

    public RunRoom Room { get; }

    public BackfillKeeper Keeper { get; }

    public IMetadata Metadata => Room.Metadata;

    /// <param name="days">Days of March 2026 from the first on, with an event in each hour.</param>
    public static async Task<BackfillRoom> OpenAsync(int days = 3, string zone = "UTC")
    {
        var room = await RunRoom.OpenAsync(zone);
        await room.LandAsync(Enumerable.Range(0, 24 * days).Select(hour => TruckDag.Utc(3, 1, 0).AddHours(hour)));
        await room.CloseAsync(TruckDag.Utc(6, 1, 0));
        await room.RunAsync();
        return new(room, await room.TokenAsync());
    }

    public BackfillRequest Request(int first = 1, int last = 3, BackfillPolicy policy = BackfillPolicy.All, BackfillOrder order = BackfillOrder.Newest) =>
        new(Room.Truck.Dag, BackfillFrom.Lake, new(2026, 3, first), new(2026, 3, last), policy, order, new Dictionary<string, string>());

    public Task<BackfillPlan> PlanAsync(BackfillRequest request) => new BackfillPlanner(Metadata, Room.Jobs, Room.Clock).PlanAsync(request, default);

    public async Task<Backfill> StartAsync(BackfillPlan plan, int parallelism = 1) => (await Metadata.Backfills.StartAsync(
        new(plan.Request.Dag.Name, plan.Request.From, plan.Request.First, plan.Request.Last, plan.Request.Policy, plan.Request.Order, parallelism, "{}", plan.Hash, "test"), plan.ForStore(), queue: false, default)).Made!;

    public Task TendAsync() => Keeper.TendAsync(_ => { }, default);

    /// <summary>Runs all that is due.</summary>
    public async Task WorkAsync()
    {
        bool worked;
        do
        {
            worked = false;
            foreach (var loop in _loops)
                while (await loop.OnceAsync(_token, Keeper.Note, default)) worked = true;
        }
        while (worked);
    }

    /// <summary>Runs all that is due of live work, and nothing else.</summary>
    public async Task WorkLiveAsync()
    {
        while (await _loops[0].OnceAsync(_token, Keeper.Note, default)) { }
    }

    /// <summary>The keeper and the loops take turns until it has ended, or nothing moves any more.</summary>
    public async Task<Backfill> EndAsync(Backfill backfill)
    {
        for (int turn = 0; turn < TurnsMax && !backfill.IsEnded; turn++)
        {
            await TendAsync();
            await WorkAsync();
            backfill = (await Metadata.Backfills.FindAsync(backfill.Id, default))!;
        }
        return backfill;
    }

    public ValueTask DisposeAsync() => Room.DisposeAsync();
}
