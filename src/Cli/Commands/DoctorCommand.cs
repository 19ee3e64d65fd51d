using System.CommandLine;
using Etl.Cli.Doctor;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Looks whether everything that the other verbs need is well, and says how to mend what is not.</summary>
internal static class DoctorCommand
{
    public static Command New()
    {
        var command = new Verb("doctor", "Look whether folder, servers, topics and work are well, and how to mend what is not; starts nothing that stays", "etl doctor");
        command.SetAction(Invocation.Of((invocation, _, cancel) => RunAsync(invocation, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken cancel)
    {
        var findings = await new Examination(invocation).RunAsync(cancel);
        int code = findings.Any(finding => finding.Health == Health.Unreachable) ? ExitCodes.Unreachable : findings.Any(finding => finding.Health == Health.Bad) ? ExitCodes.WorkFailed : ExitCodes.Ok;
        invocation.Terminal.Answer(new { Ok = code == ExitCodes.Ok, Checks = findings }, people =>
        {
            int wide = findings.Max(finding => finding.Check.Length);
            foreach (var finding in findings) people.MarkupLine($"{Mark(finding.Health)} {Markup.Escape(finding.Check.PadRight(wide))}  {Markup.Escape(finding.Detail)}");
        });
        return code;
    }

    private static string Mark(Health health) => health switch
    {
        Health.Good => "[green]✓[/]",
        Health.Look => "[yellow]•[/]",
        _ => "[red]✗[/]",
    };
}
