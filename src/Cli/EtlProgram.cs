using System.CommandLine;
using Etl.Cli.Commands;
using Etl.Cli.Output;
using Spectre.Console;

namespace Etl.Cli;

/// <summary>The program: its verbs, and how their errors are told. One line for what was foreseen, never a stack trace.</summary>
public static class EtlProgram
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = Root();
        var parsed = root.Parse(arguments);
        if (FaultOf(parsed) is { } fault)
        {
            Console.Error.WriteLine(fault);
            return ExitCodes.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("etl: stopped");
            return 128 + 2; // as shells say it of an interrupted program
        }
        catch (Exception error) when (ExitCodes.Of(error) is { } code)
        {
            new Terminal(json: false).Say($"[red]etl:[/] {Markup.Escape((error is AggregateException { InnerException: { } inner } ? inner : error).Message)}");
            return code;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine($"etl: this is a bug of ours, please report it: {error}");
            return ExitCodes.WorkFailed;
        }
    }

    /// <summary>Every verb, in the order that a newcomer needs them.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Batch and micro-batch ETL: Avro on Kafka topics → Parquet lake → hourly and daily tables.")
        {
            DemoCommand.New(), UpCommand.New(), SimulateCommand.New(), RunCommand.New(), TriggerCommand.New(), ParamsCommand.New(), DagCommand.New(), RunsCommand.New(), SlotCommand.New(), BackfillCommand.New(), RebuildCommand.New(), FeedsCommand.New(),
            TopicCommand.New(), SchemaCommand.New(), LakeCommand.New(), SqlCommand.New(), RejectsCommand.New(), WhyCommand.New(), ReconcileCommand.New(), DoctorCommand.New(), ConfigCommand.New(),
        };
        root.Options.Add(Invocation.DataOption);
        root.Options.Add(Invocation.JsonOption);
        root.Options.Add(Invocation.ProfileOption);
        Help.Install(root, "etl demo");
        return root;
    }

    /// <returns>null where the call can be carried out: who asks for help need not know the arguments.</returns>
    internal static string? FaultOf(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0 || Help.IsAsked(parsed)) return null;
        var messages = parsed.Errors.Select(error => error.Message.TrimEnd('.')).Where(message => !message.StartsWith("Required argument missing", StringComparison.Ordinal)).ToList();
        var missing = parsed.CommandResult.Command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 }).ToList();
        if (missing.Count > 0) messages.Add($"expected {string.Join(" ", missing.Select(argument => $"<{argument.Name}>"))} after `{PathOf(parsed.CommandResult.Command).Trim()}`");
        if (messages.Count > 1) messages.Remove("Required command was not provided"); // it follows from the others
        return $"etl: {string.Join("; ", messages)}; see `etl{PathOf(parsed.CommandResult.Command)} --help`";
    }

    private static string PathOf(Command command) => command is RootCommand ? "" : string.Concat(command.Parents.OfType<Command>().Where(parent => parent is not RootCommand).Select(parent => $" {parent.Name}")) + $" {command.Name}";
}
