using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Runs;

/// <summary>Reads and writes rows of the run table.</summary>
internal static class RunRow
{
    public static readonly SqlText Columns = new("id, dag, kind, fire, from_time, to_time, lane, parameters, state, round, token, created, started, ended, windows, row_count, reason, code_version, (select s.name from etl_run_set s where s.run = etl_run.id)");

    public static readonly SqlText Inserted = new("etl_run (dag, kind, fire, from_time, to_time, lane, parameters, state, round, token, due, created, windows, row_count, reason, code_version)");

    public static Statement Values(long dag, PlannedRun run, long fire, long now) => new Statement().Add(
        $"""
        {dag}, {(int)run.Kind}, {fire}, {Micros.Of(run.From)}, {Micros.Of(run.To)}, {(int)run.Lane}, {run.Parameters}, {(int)RunState.Queued}, 1, 0, {now}, {now}, 0, 0,
        {SlotRow.Cut(run.Reason)}, {run.CodeVersion}
        """);

    public static (long Dag, Run Run) Read(Row row) => (row.GetInt64(1), new()
    {
        Id = row.GetInt64(0), Dag = "", Kind = (RunKind)row.GetInt32(2), Fire = Micros.ToInstant(row.GetInt64(3)), From = Micros.ToInstant(row.GetInt64(4)), To = Micros.ToInstant(row.GetInt64(5)),
        Lane = (Lane)row.GetInt32(6), Parameters = row.GetString(7), State = (RunState)row.GetInt32(8), Round = row.GetInt32(9), Token = row.GetInt64(10), Created = Micros.ToInstant(row.GetInt64(11)),
        Started = Instant(row, 12), Ended = Instant(row, 13), Windows = row.GetInt64(14), Rows = row.GetInt64(15), Reason = row.GetString(16), CodeVersion = row.GetString(17), ParameterSet = row.StringOrNull(18) ?? "",
    });

    public static DateTimeOffset? Instant(Row row, int column) => row.Int64OrNull(column) is { } micros ? Micros.ToInstant(micros) : null;
}
