using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Etl.Cli.Output;

/// <summary>Where words go: data to standard output, messages to standard error; tables for people, JSON for programs.</summary>
public sealed class Terminal
{
    /// <summary>Letters of a line where no terminal breaks it: a message stays one line, a table's row too.</summary>
    private const int RedirectedWidth = 4_000;

    private static readonly JsonSerializerOptions JsonForm = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions JsonLine = new(JsonForm) { WriteIndented = false };

    private readonly IAnsiConsole _out;
    private readonly IAnsiConsole _err;

    public Terminal(bool json)
    {
        IsJson = json;
        bool plain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        _out = Make(Console.Out, Console.IsOutputRedirected, plain);
        _err = Make(Console.Error, Console.IsErrorRedirected, plain);
    }

    public bool IsJson { get; }

    /// <summary>Whether somebody looks at messages as they come, so that a line may be drawn over.</summary>
    public bool IsLive => !Console.IsErrorRedirected && !IsJson;

    /// <summary>Whether somebody looks at the answer as it comes, so that it may be drawn over.</summary>
    public bool IsDrawn => !Console.IsOutputRedirected && !IsJson;

    /// <summary>What people read their messages on.</summary>
    public IAnsiConsole Messages => _err;

    /// <summary>Writes the answer: <paramref name="document"/> for programs, else what <paramref name="people"/> draws.</summary>
    public void Answer(object document, Action<IAnsiConsole> people)
    {
        if (IsJson) Console.Out.WriteLine(JsonSerializer.Serialize(document, JsonForm));
        else people(_out);
    }

    /// <summary>A part of the answer for programs, one line of JSON, where its end is not known yet; nothing for people.</summary>
    public void Stream(object document)
    {
        if (IsJson) Console.Out.WriteLine(JsonSerializer.Serialize(document, JsonLine));
    }

    /// <summary>A part of the answer for people, before its end; nothing where a program reads.</summary>
    public void Show(Action<IAnsiConsole> people)
    {
        if (!IsJson) people(_out);
    }

    public void Say(string message) => _err.MarkupLine(message);

    /// <summary>A message for whoever looks on; nothing where a program reads.</summary>
    public void Note(string message)
    {
        if (!IsJson) _err.MarkupLine(message);
    }

    public static Table NewTable(params IEnumerable<string> columns)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (string column in columns) table.AddColumn(new TableColumn(new Markup($"[bold]{Markup.Escape(column)}[/]")));
        return table;
    }

    private static IAnsiConsole Make(TextWriter writer, bool redirected, bool plain)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer), Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect, Interactive = InteractionSupport.No,
        });
        if (redirected) console.Profile.Width = RedirectedWidth;
        return console;
    }
}
