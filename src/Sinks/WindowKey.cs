using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;

namespace Etl.Sinks;

/// <summary>A window as the rows name it: the hour's first instant, or the day's local date.</summary>
/// <param name="Kind">Timestamp or Date.</param>
/// <param name="Value">Microseconds or days since 1970-01-01.</param>
/// <param name="Text">As the guard row names it: <c>2026-03-01 07:00:00</c> (UTC) or <c>2026-03-01</c>.</param>
internal readonly record struct WindowKey(ColumnKind Kind, long Value, string Text)
{
    public static WindowKey Of(Window window)
    {
        if (window.Grain == Grain.Hour) return new(ColumnKind.Timestamp, Micros.Of(window.Start), SqlText.InstantText(window.Start.UtcDateTime));
        var date = WindowCalendar.Of(window.Zone).DateOf(window.Start);
        return new(ColumnKind.Date, date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber, SqlText.DateText(date));
    }

    /// <exception cref="ArgumentException">The table is by hours and the window a day, or the other way round.</exception>
    public static WindowKey Of(ResultTable table, Window window)
    {
        var key = Of(window);
        var found = table.Columns[TableShape.IndexOf(table, table.WindowColumn)].Type.Kind;
        return found == key.Kind ? key : throw new ArgumentException($"{table.Name}: window column \"{table.WindowColumn}\" is {found}, the window {window} needs {key.Kind}", nameof(window));
    }

    /// <summary>Whether a row of the window column names this window.</summary>
    public bool Is(ColumnBatch batch, int column, int row) =>
        !batch.IsNull(column, row) && (Kind == ColumnKind.Date ? batch.Get<int>(column, row) : batch.Get<long>(column, row)) == Value;
}
