using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Metadata.Relational;

/// <summary>SQL written as an interpolated string: every hole is a parameter, never text, except <see cref="SqlText"/>.</summary>
/// <remarks>A list in a hole becomes a list of parameters, padded by its last value to a size that repeats, so that prepared statements are found again.</remarks>
[InterpolatedStringHandler]
internal sealed class Statement
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 2_048).Select(static number => $"@p{number}")];
    private readonly List<string> _texts; // _texts[i] stands before value i; _open follows the last
    private readonly List<object?> _values;
    private string _open = "";

    public Statement(int literalLength, int formattedCount) => (_texts, _values) = (new(formattedCount), new(formattedCount));

    public Statement() => (_texts, _values) = ([], []);

    public IReadOnlyList<object?> Values => _values;

    public void AppendLiteral(string text) => Append(text);

    public void AppendFormatted(long value) => Hole(value);

    public void AppendFormatted(long? value) => Hole(value);

    public void AppendFormatted(string? value) => Hole(value);

    public void AppendFormatted(byte[] value) => Hole(value);

    public void AppendFormatted(SqlText text)
    {
        if (text.Parameter is { } value) Hole(value);
        else Append(text.Text);
    }

    public void AppendFormatted(IReadOnlyList<long> values)
    {
        if (values.Count == 0) throw new ArgumentException("a list in a statement must hold at least one value");
        for (var index = 0; index < PaddedTo(values.Count); index++)
        {
            if (index > 0) Append(",");
            Hole(values[Math.Min(index, values.Count - 1)]);
        }
    }

    public void AppendFormatted(IReadOnlyList<string> values)
    {
        if (values.Count == 0) throw new ArgumentException("a list in a statement must hold at least one value");
        for (var index = 0; index < PaddedTo(values.Count); index++)
        {
            if (index > 0) Append(",");
            Hole(values[Math.Min(index, values.Count - 1)]);
        }
    }

    public void AppendFormatted(Statement other)
    {
        for (var index = 0; index < other._values.Count; index++)
        {
            Append(other._texts[index]);
            Hole(other._values[index]);
        }
        Append(other._open);
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

    /// <summary>Whether both are the same SQL, whatever their values: a statement is found prepared without its text being put together.</summary>
    public sealed class SameText : IEqualityComparer<Statement>
    {
        public static SameText Comparer { get; } = new();

        public bool Equals(Statement? one, Statement? other)
        {
            if (one is null || other is null || one._texts.Count != other._texts.Count || one._open != other._open) return one is null && other is null;
            for (var index = 0; index < one._texts.Count; index++)
                if (!string.Equals(one._texts[index], other._texts[index])) return false;
            return true;
        }

        public int GetHashCode(Statement statement) =>
            HashCode.Combine(statement._texts.Count, statement._open, statement._texts.Count > 0 ? statement._texts[0] : "", statement._texts.Count > 1 ? statement._texts[1] : "");
    }

    /// <summary>All as one: the values of the statements, between the texts.</summary>
    public static Statement Join(string separator, IEnumerable<Statement> statements)
    {
        var joined = new Statement();
        var first = true;
        foreach (var statement in statements)
        {
            if (!first) joined.Append(separator);
            joined.AppendFormatted(statement);
            first = false;
        }
        return joined;
    }

    private void Append(string text) => _open = _open.Length == 0 ? text : _open + text;

    private static int PaddedTo(int count)
    {
        var size = 1;
        while (size < count) size *= 4;
        return size > 1_024 ? count : size;
    }

    private void Hole(object? value)
    {
        _texts.Add(_open);
        _open = "";
        _values.Add(value);
    }
}

/// <summary>A piece of SQL that a dialect supplies; or, where the dialect has no words for it, a value computed here.</summary>
internal readonly record struct SqlText(string Text, object? Parameter = null);
