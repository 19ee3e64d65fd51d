using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Parameters;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Saved sets of DAGs' parameters: kept under a name, to call a DAG with again.</summary>
internal static class ParamsCommand
{
    private const int Most = 10_000;

    private static readonly Argument<string?> OfDagArgument = new("dag") { Description = "Only those of this DAG", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Where(dag => dag.Arguments is not null).Select(dag => dag.Name))}" };
    private static readonly Argument<string> NameArgument = new("name") { Description = $"Of the set: 1 to {ParameterSet.NameLettersMax} lower-case letters, digits, - and _" };
    private static readonly Option<string[]> ParamOption = new("--param", "-p") { Description = "NAME=VALUE, once for each; what is left out has its default, or is given with each call", HelpName = "K=V", DefaultValueFactory = _ => [] };

    public static Command New()
    {
        var list = new Verb("list", "The saved sets of a DAG, or of all, and whether their DAG takes them still", "etl params list historic_main") { OfDagArgument };
        list.SetAction(Invocation.Of((invocation, parsed, cancel) => ListAsync(invocation, parsed.GetValue(OfDagArgument), cancel)));
        var show = new Verb("show", "One set: its values, the defaults beside them, and what a call must add", "etl params show historic_main alps") { DagArgument, NameArgument };
        show.SetAction(Invocation.Of((invocation, parsed, cancel) => ShowAsync(invocation, parsed.GetValue(DagArgument)!, parsed.GetValue(NameArgument)!, cancel)));
        var save = new Verb("save", "Keep values under a name; `etl trigger` and `etl backfill` take them with --set. A set of that name is replaced",
            "etl params save historic_main alps --param latitudes=46.56,47.42 --param longitudes=8.56,10.98") { DagArgument, NameArgument, ParamOption };
        save.SetAction(Invocation.Of((invocation, parsed, cancel) => SaveAsync(invocation, RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, parsed.GetValue(NameArgument)!, TriggerCommand.Texts(parsed.GetValue(ParamOption)!), cancel)));
        var delete = new Verb("delete", "Forget a set; runs and backfills that were made from it keep their values", "etl params delete historic_main alps") { DagArgument, NameArgument };
        delete.SetAction(Invocation.Of((invocation, parsed, cancel) => DeleteAsync(invocation, parsed.GetValue(DagArgument)!, parsed.GetValue(NameArgument)!, cancel)));
        return new Verb("params", "Saved sets of a DAG's parameters: list, show, save, delete", "etl params list") { list, show, save, delete };
    }

    private static async Task<int> ListAsync(Invocation invocation, string? dag, CancellationToken cancel)
    {
        if (dag is not null) RunCommand.Find(dag);
        var engine = await invocation.OpenKnownAsync(cancel);
        var sets = (await engine.Metadata.ParameterSets.ListAsync(dag, Most, cancel)).Select(set => JudgedSet.Of(set, Composition.Dags, invocation.Clock.GetUtcNow())).ToList();
        invocation.Terminal.Answer(sets.Select(set => set.Document()), people =>
        {
            var table = Terminal.NewTable("dag", "set", "state", "values");
            foreach (var set in sets) table.AddRow(Markup.Escape(set.Set.Dag), set.Set.Name, set.Word, Markup.Escape(set.Brief));
            people.Write(table);
        });
        invocation.Terminal.Note(sets.Count == 0 ? "no saved set; `etl params save DAG NAME --param K=V` keeps one" : $"{Counted.Of(sets.Count, "set")}; `etl trigger DAG --set NAME` calls a DAG with one, `etl params show DAG NAME` tells more");
        return ExitCodes.Ok;
    }

    /// <summary>A set whose DAG is gone is shown too.</summary>
    private static async Task<int> ShowAsync(Invocation invocation, string dag, string name, CancellationToken cancel)
    {
        var set = JudgedSet.Of(await CallTexts.FindAsync(await invocation.OpenKnownAsync(cancel), dag, name, cancel), Composition.Dags, invocation.Clock.GetUtcNow());
        invocation.Terminal.Answer(set.Document(), set.Draw);
        return ExitCodes.Ok;
    }

    /// <summary>What is wrong with the words is told before the folder is made.</summary>
    private static async Task<int> SaveAsync(Invocation invocation, Dag dag, string name, Dictionary<string, string> texts, CancellationToken cancel)
    {
        if (dag.Arguments is null) throw new UsageException($"{dag.Name} takes no parameters, found {(texts.Count == 0 ? $"set {name}" : string.Join(", ", texts.Keys))}");
        var set = new ParameterSet { Dag = dag.Name, Name = name, Texts = texts, CodeVersion = NodeHost.CodeVersion };
        var judged = JudgedSet.Of(set, [dag], invocation.Clock.GetUtcNow());
        if (set.Faults().Concat(texts.Count > 0 ? judged.Faults : []).ToList() is { Count: > 0 } faults) throw CallTexts.Faulty(dag.Name, faults);
        var engine = await invocation.OpenEngineAsync(cancel, sweep: false);
        var before = await engine.Metadata.ParameterSets.SaveAsync(set, cancel);
        judged = judged with { Set = await CallTexts.FindAsync(engine, dag.Name, name, cancel) };
        invocation.Terminal.Answer(new { Saved = judged.Document(), Replaced = before?.Texts }, people =>
        {
            people.MarkupLine($"set {name} of {dag.Name} {(before is null ? "saved" : "replaced")}: {Markup.Escape(judged.Brief)}");
            if (before is not null) people.MarkupLine($"[grey]it was: {Markup.Escape((judged with { Set = before }).Brief)}[/]");
        });
        invocation.Terminal.Note($"`etl trigger {dag.Name} --set {name}` calls it so{(judged.Wants.Count > 0 ? $"; alone it is no call yet: {Markup.Escape(string.Join("; ", judged.Wants))}" : "")}");
        return ExitCodes.Ok;
    }

    private static async Task<int> DeleteAsync(Invocation invocation, string dag, string name, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        await CallTexts.FindAsync(engine, dag, name, cancel); // names those that are there, where it is not
        bool deleted = await engine.Metadata.ParameterSets.DeleteAsync(dag, name, cancel);
        invocation.Terminal.Answer(new { Dag = dag, Set = name, Deleted = deleted }, people => people.MarkupLine(deleted ? $"set {Markup.Escape(name)} of {Markup.Escape(dag)} is deleted" : $"set {Markup.Escape(name)} of {Markup.Escape(dag)} was deleted by somebody else meanwhile"));
        return ExitCodes.Ok;
    }
}
