using System.CommandLine;
using System.CommandLine.Parsing;
using Etl.Cli;
using Etl.Cli.Commands;

namespace Etl.Tests.Unit.Cli;

public sealed class HelpTests
{
    public static TheoryData<string> Paths => [.. Walk(EtlProgram.Root(), "")];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Help_ends_with_an_example(string path)
    {
        EtlProgram.FaultOf(EtlProgram.Root().Parse([.. Words(path), "--help"])).ShouldBeNull("who asks for help need not know the arguments");
        var output = new StringWriter();
        EtlProgram.Root().Parse([.. Words(path), "--help"]).Invoke(new InvocationConfiguration { Output = output }).ShouldBe(0);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[^2].Trim().ShouldBe("Example:");
        lines[^1].ShouldContain("etl ");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void An_example_is_a_call_of_that_very_verb(string path)
    {
        if (path.Length == 0) return; // the root's example is demo
        var verb = EtlProgram.Root().Parse(Words(path)).CommandResult.Command.ShouldBeOfType<Verb>();
        string call = verb.Example[(verb.Example.IndexOf("etl ", StringComparison.Ordinal) + 4)..].Split(" > ")[0];
        call.ShouldStartWith(path);
        EtlProgram.Root().Parse(CommandLineParser.SplitCommandLine(call).ToArray()).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("why", "etl: expected <dataset> <window> after `why`; see `etl why --help`")]
    [InlineData("why truck_hourly", "etl: expected <window> after `why`; see `etl why --help`")]
    [InlineData("slot list", "etl: expected <dag> after `slot list`; see `etl slot list --help`")]
    [InlineData("runs show 1 2", "etl: Unrecognized command or argument '2'; see `etl runs show --help`")]
    public void What_is_missing_is_named(string call, string told) => EtlProgram.FaultOf(EtlProgram.Root().Parse(Words(call))).ShouldBe(told);

    [Fact]
    public void Every_verb_says_what_it_does()
    {
        Paths.Count.ShouldBeGreaterThan(25);
        foreach (string path in Walk(EtlProgram.Root(), "")) EtlProgram.Root().Parse(Words(path)).CommandResult.Command.Description.ShouldNotBeNullOrWhiteSpace(path);
    }

    private static string[] Words(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Walk(Command command, string path) =>
        new[] { path }.Concat(command.Subcommands.SelectMany(inner => Walk(inner, $"{path} {inner.Name}".Trim())));
}
