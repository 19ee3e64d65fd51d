using System.CommandLine;
using Etl.Cli.Doctor;
using Etl.Cli.Output;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Looks whether everything that the other verbs need is well, and says how to mend what is not.</summary>
internal static class DoctorCommand
{
    private const int TextLettersMin = 20;

    public static Command New()
    {
        var command = new Verb("doctor", "Look whether folder, disk, servers, topics and work are well: OK, WARN or FAIL, what was found and expected, and how to mend it; starts nothing that stays", "etl doctor");
        command.SetAction(Invocation.Of((invocation, _, cancel) => RunAsync(invocation, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken cancel)
    {
        invocation.MustKnowData(isElsewhere: invocation.Settings.Metadata.Store != "sqlite"); // it would make what it then finds well
        var findings = await new Examination(invocation).RunAsync(cancel);
        int code = findings.Any(finding => finding.IsAway) ? ExitCodes.Unreachable : findings.Any(finding => finding.Health == Health.Fail) ? ExitCodes.WorkFailed : ExitCodes.Ok;
        invocation.Terminal.Answer(new { Ok = code == ExitCodes.Ok, Checks = findings }, people =>
        {
            int wide = findings.Max(finding => finding.Check.Length);
            foreach (var finding in findings)
            {
                string mark = finding.Health.ToString().ToUpperInvariant().PadRight(5), label = $"{mark} {finding.Check.PadRight(wide)}  ";
                int room = invocation.Terminal.IsDrawn ? Math.Max(TextLettersMin, people.Profile.Width - label.Length - 1) : int.MaxValue;
                string lead = $"[{Colour(finding.Health)}]{mark}[/] {Markup.Escape(label[(mark.Length + 1)..])}";
                foreach (string line in HangingText.Broken(finding.Text, room))
                {
                    people.MarkupLine(lead + Markup.Escape(line));
                    lead = new string(' ', label.Length);
                }
            }
        });
        return code;
    }

    private static string Colour(Health health) => health switch
    {
        Health.Ok => "green",
        Health.Warn => "yellow",
        _ => "red",
    };
}
