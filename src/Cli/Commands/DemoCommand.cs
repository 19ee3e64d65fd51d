using System.CommandLine;
using Etl.Cli.Demo;

namespace Etl.Cli.Commands;

/// <summary>The first thing a newcomer runs.</summary>
internal static class DemoCommand
{
    public static Command New()
    {
        var command = new Verb("demo", "Three days of twenty trucks through the whole pipeline, in half a minute", "etl demo --data ./etl-data");
        command.SetAction(Invocation.Of((invocation, _, cancel) => DemoRun.RunAsync(invocation, cancel)));
        return command;
    }
}
