using Etl.Cli.Output;
using Spectre.Console;

namespace Etl.Tests.Unit.Cli.Output;

public sealed class HangingTextTests
{
    [Fact]
    public void Further_lines_stand_under_the_first()
    {
        var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 40;
        HangingText.Write(console, "12:00:00  ", "one two three four five six seven eight\nnine [ten]", "red");
        text.ToString().ShouldBe("12:00:00  one two three four five six\n          seven eight\n          nine [ten]\n");
    }

    [Fact]
    public void A_word_that_does_not_fit_is_broken_and_nothing_is_lost() =>
        string.Concat(HangingText.Broken(new string('x', 95), 20)).Length.ShouldBe(95);
}
