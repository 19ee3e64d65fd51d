using System.CommandLine;
using Etl.Cli.Parameters;
using Etl.Cli.Settings;
using Etl.Cli.Triggering;

namespace Etl.Cli.Commands;

/// <summary>Calls a DAG once, with arguments.</summary>
internal static class TriggerCommand
{
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };
    private static readonly Option<string[]> ParamOption = new("--param", "-p") { Description = "NAME=VALUE, once for each; a wrong name is told with the right ones", HelpName = "K=V", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> WaitOption = new("--wait") { Description = "End when nothing of it is due: run it here, or wait for the `etl up` that has the folder" };

    public static Command New()
    {
        var command = new Verb("trigger", "Call a DAG once: fetch what is asked for and not there yet, and with --wait land, build, check and publish it",
            "etl trigger historic_main --param start_date=2024-01-01 --param end_date=2024-03-31 --wait") { DagArgument, CallTexts.SetOption, ParamOption, WaitOption };
        command.SetAction(Invocation.Of(async (invocation, parsed, cancel) =>
        {
            var product = RunCommand.Find(parsed.GetValue(DagArgument)!);
            var trigger = new DagTrigger(invocation, product);
            var given = await CallTexts.OfAsync(invocation, product.Dag, parsed.GetValue(CallTexts.SetOption), Texts(parsed.GetValue(ParamOption)!), isBackfill: false, cancel);
            var call = trigger.Read(given.Texts) is { } read ? read with { ParameterSet = given.Set } : null;
            bool wait = parsed.GetValue(WaitOption);
            if (wait && !invocation.Folder.IsOwner && await new RunFollower(invocation, product.Dag).TryAsync(call, cancel) is { } code) return code;
            var report = await trigger.RunAsync(call, wait, DagTrigger.Triggered, cancel);
            report.Answer(invocation.Terminal);
            return report.Code;
        }));
        return command;
    }

    internal static Dictionary<string, string> Texts(IEnumerable<string> given)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in given)
        {
            if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at)) throw new UsageException($"--param: found \"{text}\", expected NAME=VALUE such as start_date=2024-01-01");
            if (!texts.TryAdd(text[..at].Trim(), text[(at + 1)..])) throw new UsageException($"--param: {text[..at]} is given twice, expected once");
        }
        return texts;
    }
}
