namespace Etl.Lake;

/// <summary>SQL text without what does not matter: comments, white space, the case of bare words. Knows strings, quoted names, dollar quotes and nested comments, no grammar.</summary>
internal sealed class SqlWords
{
    private readonly List<string> _words = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public SqlWords(string sql)
    {
        int end = 0;
        for (int at = 0; at < sql.Length;)
        {
            int words = _words.Count;
            at = Next(sql, at);
            if (_words.Count > words && _words[^1] != ";") end = at;
        }
        while (_words.Count > 0 && _words[^1] == ";") _words.RemoveAt(_words.Count - 1);
        Body = sql[..end];
    }

    /// <summary>The text without closing semicolons and comments: what may stand as a subquery.</summary>
    public string Body { get; }

    /// <summary>Equal for texts that say the same; words are parted by one space.</summary>
    public string Normal => string.Join(' ', _words);

    /// <summary>Whether a table or column of that name may be meant: some bare or quoted word equals it, in any case.</summary>
    public bool Mentions(string name) => _names.Contains(name);

    /// <summary>Whether all columns of something are asked for: <c>select *</c>, <c>t.*</c>, <c>columns(…)</c>, or a short form such as <c>from t</c> with no list.</summary>
    public bool ReadsAllColumns
    {
        get
        {
            if (_words.Count > 0 && _words[0] is "from" or "table") return true;
            for (int i = 0; i < _words.Count; i++)
            {
                string before = i == 0 ? "" : _words[i - 1];
                if (_words[i] == "*" && before is "select" or "distinct" or "all" or "," or ".") return true;
                if (_words[i] is "columns" or "natural" || (_words[i] is "from" or "table" && before == "(")) return true;
            }
            return false;
        }
    }

    private int Next(string sql, int at)
    {
        char letter = sql[at], after = at + 1 < sql.Length ? sql[at + 1] : '\0';
        if (char.IsWhiteSpace(letter)) return at + 1;
        if (letter == '-' && after == '-') return EndOfLine(sql, at);
        if (letter == '/' && after == '*') return EndOfComment(sql, at);
        if (letter == '\'') return Keep(sql, at, EndOfQuote(sql, at, '\''));
        if (letter == '"') return KeepName(sql, at, EndOfQuote(sql, at, '"'));
        if (letter == '$' && EndOfDollarQuote(sql, at) is { } end) return Keep(sql, at, end);
        if (IsWord(letter)) return KeepWord(sql, at);
        return Keep(sql, at, at + (char.IsSurrogatePair(sql, at) ? 2 : 1));
    }

    private int Keep(string sql, int start, int end)
    {
        _words.Add(sql[start..end]);
        return end;
    }

    private int KeepName(string sql, int start, int end)
    {
        _names.Add(sql[(start + 1)..Math.Max(start + 1, end - 1)].Replace("\"\"", "\"", StringComparison.Ordinal));
        return Keep(sql, start, end);
    }

    private int KeepWord(string sql, int start)
    {
        int end = start;
        while (end < sql.Length && (IsWord(sql[end]) || sql[end] == '$')) end++;
        string word = sql[start..end].ToLowerInvariant();
        _words.Add(word);
        _names.Add(word);
        // e'…' is a string with its own escapes: the word and the quote belong together.
        if (word == "e" && end < sql.Length && sql[end] == '\'')
        {
            int close = EndOfQuote(sql, end, '\'', backslash: true);
            _words[^1] += sql[end..close];
            return close;
        }
        return end;
    }

    private static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_' || letter > 0x7F;

    private static int EndOfLine(string sql, int at)
    {
        int end = sql.AsSpan(at).IndexOfAny('\n', '\r');
        return end < 0 ? sql.Length : at + end;
    }

    private static int EndOfComment(string sql, int at)
    {
        int depth = 0;
        for (; at + 1 < sql.Length; at++)
        {
            if (sql[at] == '/' && sql[at + 1] == '*') { depth++; at++; }
            else if (sql[at] == '*' && sql[at + 1] == '/' && --depth == 0) return at + 2;
            else if (sql[at] == '*' && sql[at + 1] == '/') at++;
        }
        return sql.Length;
    }

    private static int EndOfQuote(string sql, int at, char quote, bool backslash = false)
    {
        for (int i = at + 1; i < sql.Length; i++)
        {
            if (backslash && sql[i] == '\\') i++;
            else if (sql[i] == quote && i + 1 < sql.Length && sql[i + 1] == quote) i++;
            else if (sql[i] == quote) return i + 1;
        }
        return sql.Length;
    }

    private static int? EndOfDollarQuote(string sql, int at)
    {
        int close = sql.IndexOf('$', at + 1);
        if (close < 0 || !sql.AsSpan(at + 1, close - at - 1).ToString().All(letter => IsWord(letter)) || (close > at + 1 && char.IsDigit(sql[at + 1]))) return null;
        string tag = sql[at..(close + 1)];
        int end = sql.IndexOf(tag, close + 1, StringComparison.Ordinal);
        return end < 0 ? sql.Length : end + tag.Length;
    }

    public override string ToString() => Normal;
}
