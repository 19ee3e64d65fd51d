using Etl.Cli;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Benchmarks.Backfills;

/// <summary>How late live hours are, alone and beside a backfill of three years of the same DAG, in one process: the node, the truck DAG with its real builds, checks and publishes, SQLite.</summary>
/// <remarks>Turns of both take each other's place, so that what else the machine does meets both. An hour is late from its landing's commit to the end of the last slot that it causes.</remarks>
public sealed class BackfillBesideLiveBench : IBench
{
    private const int Rounds = 4, HoursPerTurn = 50, WarmUpHours = 24;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(400), LookEvery = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMinutes(5);
    private static readonly DateOnly First = new(2023, 1, 1), Last = new(2025, 12, 31);
    private static readonly DateTimeOffset LiveStart = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => "backfill-beside-live";

    public string Description => "lateness of live hours (landed → built, checked, published), 99 of 100 within: beside a backfill of 3 years of the same DAG, as a multiple of alone";

    public string Unit => "times";

    public Bar Bar => Bar.Most(2);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("etl-beside-").FullName;
        try
        {
            using var data = DataFolder.Open(folder);
            await using var engine = await Engine.OpenAsync(new EtlSettings { Data = folder }, data, TimeProvider.System, cancel);
            return await new Turns(engine, settings).RunAsync(cancel);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private sealed class Turns
    {
        private readonly Engine _engine;
        private readonly BenchSettings _settings;
        private readonly Dag _dag = Composition.Products.Single(product => product.Dag.Name == "trucks").Dag;
        private readonly LandStep _land;
        private readonly TruckHours _hours;
        private readonly LiveHours _live;
        private readonly List<string> _said = [];

        public Turns(Engine engine, BenchSettings settings)
        {
            (_engine, _settings) = (engine, settings);
            _land = _dag.Steps.OfType<LandStep>().Single();
            _hours = new(_land, engine.Lake);
            _live = new(_land, _hours, LiveStart);
        }

        private IMetadata Store => _engine.Metadata;

        public async Task<BenchFigure> RunAsync(CancellationToken cancel)
        {
            int years = await PastAsync(cancel);
            int parallelism = _settings.More.TryGetValue("parallelism", out string? more) ? int.Parse(more) : 2;
            var parts = new WorkParts(Store, _engine.Committer, _engine.Jobs, new StepRunner(new RetryPolicy(), TimeProvider.System, new Random(1)), new WorkerOptions(), TimeProvider.System);
            var node = new Node([_dag], [(_dag, _live)], new RunCalls(Store.Ledger), parts, new() { Roles = Roles.Worker | Roles.Feeds, FeedEvery = TimeSpan.FromMilliseconds(100) }, new Random(_settings.Seed));
            node.Said += line => { lock (_said) _said.Add(line); };
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var working = node.RunAsync(stop.Token);
            List<double> alone = [], beside = [];
            double seconds = 0;
            try
            {
                await TurnAsync(WarmUpHours, cancel);
                var backfill = await StartAsync(parallelism, cancel);
                var before = backfill;
                for (int round = 0; round < Rounds; round++)
                {
                    await MoveAsync(backfill.Id, BackfillState.Running, BackfillState.Paused, cancel);
                    alone.AddRange(await TurnAsync(_settings.Scaled(HoursPerTurn), cancel));
                    await MoveAsync(backfill.Id, BackfillState.Paused, BackfillState.Running, cancel);
                    await UntilAsync(async () => (await FindAsync(backfill.Id, cancel)).UnderWay > 0, "the backfill to be under way", cancel);
                    long began = TimeProvider.System.GetTimestamp();
                    beside.AddRange(await TurnAsync(_settings.Scaled(HoursPerTurn), cancel));
                    seconds += TimeProvider.System.GetElapsedTime(began).TotalSeconds;
                    backfill = await FindAsync(backfill.Id, cancel);
                    if (backfill.IsEnded) throw new InvalidOperationException($"the backfill ended after {backfill.DoneWindows:N0} windows ({backfill.Reason}), expected it to outlast the measurement; said: {string.Join("; ", _said)}");
                    if (backfill.DoneWindows + backfill.UnderWay <= before.DoneWindows + before.UnderWay) throw new InvalidOperationException($"found no progress of the backfill in round {round + 1}; said: {string.Join("; ", _said)}");
                    before = backfill;
                }
                return Figure(alone, beside, backfill, seconds, years, parallelism);
            }
            finally
            {
                await stop.CancelAsync();
                await working;
            }
        }

        private BenchFigure Figure(List<double> alone, List<double> beside, Backfill backfill, double seconds, int hours, int parallelism)
        {
            alone.Sort();
            beside.Sort();
            return new(At(beside, 99) / At(alone, 99))
            {
                Measures =
                [
                    new("alone, median", At(alone, 50), "ms"), new("alone, 99 of 100 within", At(alone, 99), "ms"), new("beside, median", At(beside, 50), "ms"), new("beside, 99 of 100 within", At(beside, 99), "ms"),
                    new("medians", At(beside, 50) / At(alone, 50), "times"), new("backfill meanwhile", backfill.DoneWindows / seconds, "windows/s", Bar.Least(1)),
                ],
                Settings = new Dictionary<string, object>
                {
                    ["live hours"] = $"{alone.Count} alone and {beside.Count} beside, one each {Between.TotalMilliseconds:0} ms, in {Rounds} turns of each that alternate", ["backfilled hours"] = hours, ["backfill's windows"] = backfill.Windows,
                    ["parallelism"] = parallelism, ["places"] = $"{new WorkerOptions().Parallelism}, of them backfill's at most {new WorkerOptions().BackfillParallelism}", ["done of the backfill"] = backfill.DoneWindows,
                },
            };
        }

        /// <summary>Three years that landed before the first slot was planned: nothing of them is built.</summary>
        private async Task<int> PastAsync(CancellationToken cancel)
        {
            long token = await Store.Commits.OpenWriterAsync("bench", TimeSpan.FromMinutes(10), cancel);
            var hours = _dag.Calendar.Between(Grain.Hour, _dag.Calendar.Day(First).Start, _dag.Calendar.Day(Last).End).Select(window => window.Start).ToList();
            foreach (var month in hours.Chunk(730))
                await _engine.Committer.CommitAsync((await _hours.WriteAsync(month, token, cancel)).Commit, cancel);
            await Store.Catalog.MoveFrontierAsync(_land.Dataset, LiveStart, cancel);
            await Store.Commits.MoveCursorAsync(new Planner(_dag, step => _engine.Jobs.JobOf(step) is not null).Cursor, await Store.Commits.HeadAsync(cancel), cancel);
            return hours.Count;
        }

        private async Task<Backfill> StartAsync(int parallelism, CancellationToken cancel)
        {
            var request = new BackfillRequest(_dag, BackfillFrom.Lake, First, Last, BackfillPolicy.Missing, BackfillOrder.Newest, new Dictionary<string, string>());
            var plan = await new BackfillPlanner(Store, _engine.Jobs, TimeProvider.System).PlanAsync(request, cancel);
            return (await Store.Backfills.StartAsync(new(_dag.Name, request.From, First, Last, request.Policy, request.Order, parallelism, "{}", plan.Hash, "bench"), plan.ForStore(), queue: false, cancel)).Made!;
        }

        private async Task<Backfill> FindAsync(long id, CancellationToken cancel) => (await Store.Backfills.FindAsync(id, cancel))!;

        private async Task MoveAsync(long id, BackfillState from, BackfillState to, CancellationToken cancel)
        {
            if (!await Store.Backfills.MoveAsync(id, from, to, "bench", cancel)) throw new InvalidOperationException($"the backfill is {(await FindAsync(id, cancel)).State}, expected {from}");
            if (to != BackfillState.Paused) return;
            await UntilAsync(async () => (await FindAsync(id, cancel)).UnderWay == 0 && (await Store.Ledger.ListAsync(new() { States = [SlotState.Queued, SlotState.Running, SlotState.Waiting, SlotState.Retrying], Lane = Lane.Backfill, Max = 1 }, cancel)).Count == 0, "what is under way to end", cancel);
        }

        /// <summary>Lets hours come one after the other, and says how many milliseconds each was late.</summary>
        private async Task<IReadOnlyList<double>> TurnAsync(int count, CancellationToken cancel)
        {
            var (from, to) = (_live.Next, _live.Next.AddHours(count));
            for (int hour = 0; hour < count; hour++)
            {
                _live.Come();
                await Task.Delay(Between, cancel);
            }
            int expected = 0;
            await UntilAsync(async () =>
            {
                var slots = await SlotsAsync(from, to, cancel);
                expected = slots.GroupBy(slot => slot.Id.Window.Start).Max(hour => (int?)hour.Count()) ?? 0;
                return expected > 0 && slots.Count == expected * count && slots.All(slot => slot.State == SlotState.Done);
            }, $"{count} live hours to be done", cancel);
            var landed = (await Store.Catalog.ChangedAsync(_land.Dataset, from, to, cancel)).ToDictionary(change => change.Start, change => Micros.ToInstant(change.Number));
            var late = new List<double>();
            foreach (var hour in (await SlotsAsync(from, to, cancel)).GroupBy(slot => slot.Id.Window.Start))
            {
                DateTimeOffset end = default;
                foreach (var slot in hour)
                    if ((await Store.Ledger.AttemptsAsync(slot.Id, cancel)) is [{ State: SlotState.Done, Ended: { } ended }]) end = ended > end ? ended : end;
                    else throw new InvalidOperationException($"{slot.Id}: expected one attempt, done");
                late.Add((end - landed[hour.Key]).TotalMilliseconds);
            }
            return late;
        }

        private async Task<IReadOnlyList<Slot>> SlotsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
            [.. (await Store.Ledger.ListAsync(new() { From = from, To = to, Max = 100_000 }, cancel)).Where(slot => slot.Id.Window.Grain == Grain.Hour)];

        private async Task UntilAsync(Func<Task<bool>> isSo, string what, CancellationToken cancel)
        {
            long began = TimeProvider.System.GetTimestamp();
            while (!await isSo())
            {
                if (TimeProvider.System.GetElapsedTime(began) > Longest) throw new InvalidOperationException($"waited {Longest.TotalMinutes:0} minutes for {what}; said: {string.Join("; ", _said)}");
                await Task.Delay(LookEvery, cancel);
            }
        }

        private static double At(List<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }
}
