using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Metadata.Relational;

/// <summary>SQL written as an interpolated string: every hole is a parameter, never text, except <see cref="SqlText"/>.</summary>
/// <remarks>A list in a hole becomes a list of parameters, padded by its last value to a size that repeats, so that prepared statements are found again.</remarks>
[InterpolatedStringHandler]
internal sealed class Statement
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 2_048).Select(static number => $"@p{number}")];
    private readonly List<string> _texts = []; // _texts[i] stands before value i; one more may follow
    private readonly List<object?> _values = [];
    private readonly StringBuilder _open = new();

    public Statement(int literalLength, int formattedCount) => _open.EnsureCapacity(literalLength);

    public Statement() { }

    public IReadOnlyList<object?> Values => _values;

    public void AppendLiteral(string text) => _open.Append(text);

    public void AppendFormatted(long value) => Hole(value);

    public void AppendFormatted(long? value) => Hole(value);

    public void AppendFormatted(string? value) => Hole(value);

    public void AppendFormatted(byte[] value) => Hole(value);

    public void AppendFormatted(SqlText text)
    {
        if (text.Parameter is { } value) Hole(value);
        else _open.Append(text.Text);
    }

    public void AppendFormatted(IReadOnlyList<long> values)
    {
        if (values.Count == 0) throw new ArgumentException("a list in a statement must hold at least one value");
        for (var index = 0; index < PaddedTo(values.Count); index++)
        {
            if (index > 0) _open.Append(',');
            Hole(values[Math.Min(index, values.Count - 1)]);
        }
    }

    public void AppendFormatted(IReadOnlyList<string> values)
    {
        if (values.Count == 0) throw new ArgumentException("a list in a statement must hold at least one value");
        for (var index = 0; index < PaddedTo(values.Count); index++)
        {
            if (index > 0) _open.Append(',');
            Hole(values[Math.Min(index, values.Count - 1)]);
        }
    }

    public void AppendFormatted(Statement other)
    {
        for (var index = 0; index < other._values.Count; index++)
        {
            _open.Append(other._texts[index]);
            Hole(other._values[index]);
        }
        _open.Append(other._open);
    }

    /// <summary>Goes on with more text and values.</summary>
    public Statement Add(Statement more)
    {
        AppendFormatted(more);
        return this;
    }

    public string Render()
    {
        var text = new StringBuilder(256);
        for (var index = 0; index < _values.Count; index++) text.Append(_texts[index]).Append(NameOf(index));
        return text.Append(_open).ToString();
    }

    public static string NameOf(int index) => index < Names.Length ? Names[index] : $"@p{index}";

    /// <summary>All as one: the values of the statements, between the texts.</summary>
    public static Statement Join(string separator, IEnumerable<Statement> statements)
    {
        var joined = new Statement();
        var first = true;
        foreach (var statement in statements)
        {
            if (!first) joined._open.Append(separator);
            joined.AppendFormatted(statement);
            first = false;
        }
        return joined;
    }

    private static int PaddedTo(int count)
    {
        var size = 1;
        while (size < count) size *= 4;
        return size > 1_024 ? count : size;
    }

    private void Hole(object? value)
    {
        _texts.Add(_open.ToString());
        _open.Clear();
        _values.Add(value);
    }
}

/// <summary>A piece of SQL that a dialect supplies; or, where the dialect has no words for it, a value computed here.</summary>
internal readonly record struct SqlText(string Text, object? Parameter = null);
