using System.CommandLine;
using Etl.Cli.Commands;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Parameters;

/// <summary>The texts that a DAG is called with: those of a saved set where one is named, and those given with the call in their place.</summary>
/// <param name="Set">The set's name; "" without.</param>
internal sealed record CallTexts(IReadOnlyDictionary<string, string> Texts, string Set)
{
    private const int NamesShown = 10;

    public static readonly Option<string?> SetOption = new("--set") { Description = "A saved set of parameters, as `etl params list` names it; --param takes the place of its values", HelpName = "NAME" };

    /// <param name="set">null for no set.</param>
    /// <param name="isBackfill">Whether the call has dates of its own, which take the place of the set's.</param>
    /// <exception cref="NotFoundException">The DAG has no such set.</exception>
    /// <exception cref="UsageException">The DAG does not take these values, or not any more; all that is wrong is listed.</exception>
    public static async Task<CallTexts> OfAsync(Invocation invocation, Dag dag, string? set, IReadOnlyDictionary<string, string> given, bool isBackfill, CancellationToken cancel)
    {
        if (set is null) return new(given, "");
        if (dag.Arguments is not { } arguments) throw new UsageException($"--set: found {set}, but {dag.Name} takes no parameters and has no sets");
        var engine = await invocation.OpenKnownAsync(cancel, sweep: !isBackfill);
        var texts = (await FindAsync(engine, dag.Name, set, cancel)).With(given);
        if (isBackfill)
            foreach (string date in (string[])[DagCall.FirstDate, DagCall.LastDate])
                if (!given.ContainsKey(date)) texts.Remove(date);
        var faults = arguments.Check(dag, texts, invocation.Clock.GetUtcNow());
        return faults.Count == 0 ? new(texts, set) : throw Faulty($"{dag.Name} with set {set}", faults, $"; give other values with --param, or mend the set with `etl params save {dag.Name} {set} --param …`");
    }

    /// <exception cref="NotFoundException">There is none; those that are there are named.</exception>
    public static async Task<ParameterSet> FindAsync(Engine engine, string dag, string set, CancellationToken cancel)
    {
        if (await engine.Metadata.ParameterSets.FindAsync(dag, set, cancel) is { } found) return found;
        var others = await engine.Metadata.ParameterSets.ListAsync(dag, NamesShown + 1, cancel);
        if (others.Count == 0) RunCommand.Find(dag);
        throw new NotFoundException($"found no set \"{set}\" of {dag}, expected {(others.Count == 0 ? $"one that `etl params save {dag} {set} --param …` has saved; it has none yet"
            : $"one of: {string.Join(", ", others.Take(NamesShown).Select(other => other.Name))}{(others.Count > NamesShown ? ", …; see `etl params list`" : "")}")}");
    }

    public static UsageException Faulty(string what, IReadOnlyList<string> faults, string mend = "") => new(faults.Count == 1 ? $"{what}: {faults[0]}{mend}"
        : $"{what}: {faults.Count} parameters are not good{mend}\n{string.Join('\n', faults.Select(fault => $"  {fault}"))}");
}
