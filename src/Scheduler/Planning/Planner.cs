using System.Security.Cryptography;
using System.Text;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Planning;

/// <summary>Which slots a change touches, and what a slot waits for. Pure: no store, no clock.</summary>
public sealed class Planner
{
    private readonly Dictionary<string, Step> _steps;
    private readonly ILookup<string, Step> _readers;
    private readonly Dictionary<string, BuildStep> _makers;
    private readonly Dictionary<string, IReadOnlyList<LandStep>> _lands;
    private readonly Dictionary<string, IReadOnlyList<Step>> _waits;
    private readonly Dictionary<string, IReadOnlyList<Step>> _followers;

    /// <param name="dag">The DAG whose slots are planned.</param>
    /// <param name="runs">Whether a step can run here; others get no slots, e.g. publishes to a sink that is not configured.</param>
    public Planner(Dag dag, Func<Step, bool> runs)
    {
        Dag = dag;
        _steps = dag.Steps.Where(step => step is LandStep || runs(step)).ToDictionary(step => step.FullName, StringComparer.Ordinal);
        _lands = _steps.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<LandStep>)[.. Ancestry(pair.Value).OfType<LandStep>().Distinct()], StringComparer.Ordinal);
        _waits = _steps.ToDictionary(pair => pair.Key, pair => WaitsOf(pair.Value), StringComparer.Ordinal);
        _followers = _steps.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<Step>)[.. _steps.Values.Where(step => IsFollowed(pair.Value, step))], StringComparer.Ordinal);
        _readers = _steps.Values.SelectMany(step => Datasets(step).Select(dataset => (dataset, step))).ToLookup(pair => pair.dataset, pair => pair.step, StringComparer.Ordinal);
        _makers = _steps.Values.SelectMany(step => step.Inputs).OfType<BuildStep>().Distinct().ToDictionary(build => build.Dataset, StringComparer.Ordinal);
    }

    public Dag Dag { get; }

    /// <summary>Name of the place in the commits that planning has reached. Another set of steps begins anew, so a new step or sink finds its past; polls follow no commits.</summary>
    public string Cursor => $"plan/{Dag.Name}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _steps.Where(step => step.Value is not PollStep).Select(step => step.Key).Order(StringComparer.Ordinal)))))[..16]}";

    /// <summary>All steps that run in windows: everything but landing.</summary>
    public IEnumerable<Step> WindowSteps => _steps.Values.Where(step => step is not LandStep);

    public Step? Find(string fullName) => _steps.GetValueOrDefault(fullName);

    /// <summary>The slots that read the changed window: hours of the zone that meet a UTC hour, the day that holds an hour, the same window of a check or publish.</summary>
    public IEnumerable<SlotId> Readers(string dataset, DateTimeOffset start)
    {
        foreach (var step in _readers[dataset])
        {
            var calendar = step.Dag.Calendar;
            var windows = step switch
            {
                BuildStep { From: LandStep } build => calendar.Between(build.Grain, start, start + TimeSpan.FromHours(1)),
                BuildStep build => [calendar.Of(build.Grain, start)],
                CheckStep check => [calendar.Of(check.Of.Grain, start)],
                PublishStep publish => [calendar.Of(publish.Of.Grain, start)],
                _ => [],
            };
            foreach (var window in windows) yield return new(step.FullName, window);
        }
    }

    /// <summary>The slot that makes the window of a result; null where the dataset has landed.</summary>
    public SlotId? MakerOf(string dataset, DateTimeOffset start) =>
        _makers.GetValueOrDefault(dataset) is { } build ? new(build.FullName, build.Dag.Calendar.Of(build.Grain, start)) : null;

    /// <summary>What the slot reads: window starts of each input dataset. An hour may cut two UTC hours of events.</summary>
    public IReadOnlyList<SlotInput> InputsOf(SlotId slot)
    {
        var window = slot.Window;
        return _steps[slot.Step] switch
        {
            BuildStep { From: LandStep land } => [new(land.Dataset, Micros.ToInstant(Micros.HourOf(Micros.Of(window.Start))), window.End)],
            BuildStep build => [new(build.From.Dataset, window.Start, window.End)],
            CheckStep check => [.. Datasets(check).Select(dataset => new SlotInput(dataset, window.Start, window.End))],
            PublishStep publish => [new(publish.Of.Dataset, window.Start, window.End)],
            PollStep => [],
            var step => throw new InvalidOperationException($"{step} has no windows"),
        };
    }

    /// <summary>The steps whose slots inside the window must be done before this one runs.</summary>
    /// <remarks>A check that reads several results waits for all that they are made of: a result that is not planned yet, as its own inputs are not done, would be missing without a word.</remarks>
    public IReadOnlyList<Step> WaitsFor(SlotId slot) => _waits[slot.Step];

    /// <summary>The landings whose frontiers, or whose polls, close the slot's window; none for a poll, which waits for nobody.</summary>
    public IReadOnlyList<LandStep> LandsOf(SlotId slot) => _lands[slot.Step];

    /// <summary>The steps whose slot of the same window may run when this one is done, as far as their inputs of that window tell: of one grain, and closed by the same landings.</summary>
    /// <remarks>A day is none of its hours' followers: whether it is closed, and all its hours are planned, takes a pass of planning to know.</remarks>
    public IReadOnlyList<Step> FollowersOf(Step step) => _followers.GetValueOrDefault(step.FullName, []);

    private bool IsFollowed(Step ended, Step step) =>
        _waits[step.FullName] is var waits && waits.Contains(ended) && waits.All(input => GrainOf(input) == GrainOf(step)) && _lands[step.FullName].All(_lands[ended.FullName].Contains);

    private static Grain? GrainOf(Step step) => step switch
    {
        BuildStep build => build.Grain,
        CheckStep check => check.Of.Grain,
        PublishStep publish => publish.Of.Grain,
        _ => null,
    };

    private IReadOnlyList<Step> WaitsOf(Step step)
    {
        var inputs = step is CheckStep { Beside.Count: > 0 } ? step.Inputs.SelectMany(Ancestry).Distinct() : step.Inputs;
        return [.. inputs.Where(input => input is not LandStep && _steps.ContainsKey(input.FullName))];
    }

    private static IEnumerable<Step> Ancestry(Step step) => [step, .. step.Inputs.SelectMany(Ancestry)];

    private static IEnumerable<string> Datasets(Step step) => step.Inputs.OfType<DatasetStep>().Select(input => input.Dataset);
}
