using Etl.Cli.Commands;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Cli.Why;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Slots;

/// <summary>A slot as people name it: <c>trucks truck_hourly 2026-03-01T06:00Z</c>, <c>trucks/truck_hourly 2026-03-01T06:00Z</c>, <c>truck_hourly@2026-03-01T06:00Z</c>.</summary>
internal static class SlotWords
{
    public const string Form = "STEP WINDOW, such as trucks/truck_hourly 2026-03-01T06:00Z";

    private const int KeysShown = 5;

    /// <exception cref="UsageException">They name no slot.</exception>
    /// <exception cref="NotFoundException">The step or DAG is not known.</exception>
    public static (Step Step, Window Window) Parse(IReadOnlyList<string> words)
    {
        IReadOnlyList<string> parts = words is [var one] && one.Split('@') is [var step, var at] ? [step, at] : words;
        var found = parts switch
        {
            [var dag, var name, _] => StepOf($"{RunCommand.Find(dag).Dag.Name}/{name}"),
            [var name, _] => StepOf(name),
            _ => throw new UsageException($"slot: found \"{string.Join(' ', words)}\", expected {Form}"),
        };
        return (found, WindowText.Parse(parts[^1], GrainOf(found), found.Dag.Calendar, found.FullName));
    }

    /// <summary>The slot in the ledger; where several keys have the window, the one that <paramref name="key"/> names or begins.</summary>
    public static async Task<Slot> FindAsync(Engine engine, Step step, Window window, string? key, CancellationToken cancel)
    {
        var all = (await engine.Metadata.Ledger.ListAsync(new() { Steps = [step.FullName], From = window.Start, To = window.Start + TimeSpan.FromMicroseconds(1) }, cancel)).Where(slot => slot.Id.Window.Grain == window.Grain).ToList();
        var found = key is null ? all : all.Where(slot => slot.Id.Key == key).ToList() is { Count: > 0 } exact ? exact : [.. all.Where(slot => slot.Id.Key.StartsWith(key, StringComparison.Ordinal))];
        string keys = $"{string.Join("; ", all.Take(KeysShown).Select(slot => slot.Id.Key))}{(all.Count > KeysShown ? $" and {all.Count - KeysShown} more" : "")}";
        return found switch
        {
            [var slot] => slot,
            [] when all.Count == 0 => throw new NotFoundException($"found no slot {step.FullName} {window}: nothing of it has landed, or it is not planned yet; see `etl slot list {step.Dag.Name} --step {step.Name}`"),
            [] => throw new NotFoundException($"--key: found no slot of {step.FullName} {window} whose key is or begins with \"{key}\", expected one of: {keys}"),
            _ => throw new UsageException($"{step.FullName} {window} has {found.Count} slots, expected one: name it with --key, one of: {keys}"),
        };
    }

    public static Grain GrainOf(Step step) => step switch
    {
        PollStep => Grain.Day,
        BuildStep build => build.Grain,
        CheckStep check => check.Of.Grain,
        PublishStep publish => publish.Of.Grain,
        _ => throw new UsageException($"{step.FullName} lands without end and has no slots; see `etl feeds list`"),
    };

    public static Step StepOf(string name)
    {
        var steps = Composition.Dags.SelectMany(dag => dag.Steps).ToList();
        var found = steps.Where(step => step.FullName == name || step.Name == name).ToList();
        return found switch
        {
            [var step] => step,
            [] => throw new NotFoundException($"found no step \"{name}\", expected one of: {string.Join(", ", steps.Where(step => step is not LandStep && (!name.Contains('/') || name.StartsWith($"{step.Dag.Name}/", StringComparison.Ordinal))).Select(step => step.FullName))}"),
            _ => throw new UsageException($"{name} is a step of several DAGs, expected one of: {string.Join(", ", found.Select(step => step.FullName))}"),
        };
    }
}
