using System.Text;

namespace Etl.Codecs.Avro.Generation;

/// <summary>Lines of C#, indented by the braces.</summary>
internal sealed class CodeText
{
    private readonly StringBuilder text = new();
    private int level;

    public void Line(string line = "")
    {
        if (line.Length > 0) text.Append(' ', 4 * level).Append(line);
        text.Append('\n');
    }

    public void Open(string? head = null)
    {
        if (head is not null) Line(head);
        Line("{");
        level++;
    }

    public void Close(string tail = "")
    {
        level--;
        Line("}" + tail);
    }

    public void Summary(string? doc)
    {
        if (!string.IsNullOrWhiteSpace(doc)) Line($"/// <summary>{CSharpNames.Xml(doc)}</summary>");
    }

    /// <summary>Text as it stands in a raw string literal, or an ordinary literal where a raw one cannot hold it.</summary>
    public void Constant(string declaration, string value)
    {
        if (value.Contains('\r') || value.Any(one => char.IsControl(one) && one is not '\n' and not '\t'))
        {
            Line($"{declaration} = {CSharpNames.Literal(value)};");
            return;
        }
        int quotes = 3;
        while (value.Contains(new string('"', quotes))) quotes++;
        string fence = new('"', quotes);
        Line($"{declaration} = {fence}");
        level++;
        foreach (string line in value.Split('\n')) Line(line);
        Line(fence + ";");
        level--;
    }

    public override string ToString() => text.ToString();
}
