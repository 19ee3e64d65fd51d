using Spectre.Console;

namespace Etl.Cli.Output;

/// <summary>Text behind a label, broken at blanks so that its further lines stand under its first.</summary>
internal static class HangingText
{
    private const int TextLettersMin = 20;

    /// <param name="label">As shown, without markup.</param>
    /// <param name="style">Of the text; "" for the terminal's own.</param>
    public static void Write(IAnsiConsole people, string label, string text, string style = "")
    {
        int room = Math.Max(TextLettersMin, people.Profile.Width - label.Length - 1);
        string lead = $"[grey]{Markup.Escape(label)}[/]";
        foreach (string line in text.Split('\n').SelectMany(line => Broken(line.TrimEnd('\r'), room)))
        {
            people.MarkupLine(style.Length > 0 && line.Length > 0 ? $"{lead}[{style}]{Markup.Escape(line)}[/]" : $"{lead}{Markup.Escape(line)}");
            lead = new string(' ', label.Length);
        }
    }

    internal static IEnumerable<string> Broken(string line, int room)
    {
        while (line.Length > room)
        {
            int at = line.LastIndexOf(' ', room) is > 0 and var blank ? blank : room;
            yield return line[..at];
            line = line[at..].TrimStart(' ');
        }
        yield return line;
    }
}
