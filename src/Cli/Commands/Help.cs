using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Etl.Cli.Commands;

/// <summary>A verb with a line that shows how it is used.</summary>
internal sealed class Verb(string name, string description, string example) : Command(name, description)
{
    public string Example => example;
}

/// <summary>Help on every level ends with an example.</summary>
internal static class Help
{
    public static void Install(RootCommand root, string example)
    {
        foreach (var option in root.Options.OfType<HelpOption>()) option.Action = new WithExample((HelpAction)option.Action!, example);
    }

    public static bool IsAsked(ParseResult parsed) => parsed.Action is WithExample;

    private sealed class WithExample(HelpAction inner, string rootExample) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            output.WriteLine($"  {(parseResult.CommandResult.Command is Verb verb ? verb.Example : rootExample)}");
            return code;
        }
    }
}
