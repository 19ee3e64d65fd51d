using System.Text.Encodings.Web;
using System.Text.Json;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Rows of the attempts' logs: a list of [microseconds, severity, text] as JSON.</summary>
internal static class AttemptLogRows
{
    /// <summary>Letters past which a row is a statement of its own.</summary>
    private const int LargeLetters = 4_096;

    private const string Key = "slot, round, attempt";

    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of <c>etl_attempt a</c> and <c>etl_writer w</c>, as <see cref="Attempt"/> reads them.</summary>
    public static SqlText AttemptColumns => new("a.round, a.attempt, a.token, a.started, a.ended, a.state, a.row_count, a.reason, coalesce(w.name, '')");

    public static SlotAttempt Attempt(Row row) => new(
        row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), Micros.ToInstant(row.GetInt64(3)), row.Int64OrNull(4) is { } ended ? Micros.ToInstant(ended) : null,
        row.Int64OrNull(5) is { } state ? (SlotState)state : null, row.GetInt64(6), row.GetString(7)) { Worker = row.GetString(8) };

    /// <param name="ended">When it ended, or was kept while it ran.</param>
    /// <param name="lines">At least one.</param>
    public static (Statement Values, int Letters) RowOf(long slot, int round, int attempt, long ended, IReadOnlyList<LogLine> lines)
    {
        string body = Write(lines);
        return (new Statement().Add($"{slot}, {round}, {attempt}, {ended}, {body}"), body.Length);
    }

    /// <summary>Writes all that attempts have said, in the place of what was kept of them before.</summary>
    public static Task WriteAsync(Session session, Database database, IReadOnlyList<(Statement Values, int Letters)> rows, CancellationToken cancel) =>
        InsertAsync(session, rows, database.Overwrite(Key, "ended", "body"), cancel);

    /// <summary>Adds lines to what was kept of attempts.</summary>
    public static Task AppendAsync(Session session, Database database, IReadOnlyList<(Statement Values, int Letters)> rows, CancellationToken cancel) =>
        InsertAsync(session, rows, database.Append(Key, "body", "ended"), cancel);

    private static async Task InsertAsync(Session session, IReadOnlyList<(Statement Values, int Letters)> rows, SqlText tail, CancellationToken cancel)
    {
        if (rows.Count == 0) return;
        SqlText head = new("insert into etl_attempt_log (slot, round, attempt, ended, body)");
        await session.InsertAsync(head, [.. rows.Where(static row => row.Letters <= LargeLetters).Select(static row => row.Values)], tail, cancel);
        foreach (var (values, _) in rows.Where(static row => row.Letters > LargeLetters)) await session.InsertAsync(head, [values], tail, cancel);
    }

    public static string Write(IReadOnlyList<LogLine> lines)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Form))
        {
            json.WriteStartArray();
            foreach (var line in lines)
            {
                json.WriteStartArray();
                json.WriteNumberValue(Micros.Of(line.At));
                json.WriteNumberValue((int)line.Severity);
                json.WriteStringValue(line.Text);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public static IReadOnlyList<LogLine> Read(string? body)
    {
        if (body is null) return [];
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.EnumerateArray().Select(static line => new LogLine(Micros.ToInstant(line[0].GetInt64()), (LogSeverity)line[1].GetInt32(), line[2].GetString() ?? ""))];
    }
}
