using System.Text.Json;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Runs;

internal sealed class RelationalParameterSets(Database database, NameTable names) : IParameterSets
{
    public async Task<ParameterSet?> SaveAsync(ParameterSet set, CancellationToken cancel)
    {
        if (set.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException($"{set.Dag}: {string.Join("; ", faults)}");
        long dag = (await names.EnterAsync([set.Dag], cancel))[set.Dag];
        return await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            var before = await ReadAsync(session, new Statement().Add($"where dag = {dag} and name = {set.Name}{database.ForUpdate}"), cancel);
            await session.InsertAsync(new("insert into etl_parameter_set (dag, name, parameters, saved, code_version)"), [new Statement().Add($"{dag}, {set.Name}, {JsonSerializer.Serialize(set.Texts)}, {now}, {set.CodeVersion}")],
                database.Overwrite("dag, name", "parameters", "saved", "code_version"), cancel);
            return before.FirstOrDefault();
        }, cancel);
    }

    public async Task<ParameterSet?> FindAsync(string dag, string name, CancellationToken cancel) => await names.FindAsync(dag, cancel) is not { } number ? null
        : (await database.ReadAsync(session => ReadAsync(session, new Statement().Add($"where dag = {number} and name = {name}"), cancel), cancel)).FirstOrDefault();

    public async Task<IReadOnlyList<ParameterSet>> ListAsync(string? dag, int max, CancellationToken cancel)
    {
        var tail = new Statement();
        if (dag is not null)
        {
            if (await names.FindAsync(dag, cancel) is not { } number) return [];
            tail.Add($"where dag = {number}");
        }
        var sets = await database.ReadAsync(session => ReadAsync(session, tail.Add($" order by dag, name limit {max}"), cancel), cancel);
        return [.. sets.OrderBy(static set => set.Dag, StringComparer.Ordinal).ThenBy(static set => set.Name, StringComparer.Ordinal)];
    }

    public async Task<bool> DeleteAsync(string dag, string name, CancellationToken cancel) =>
        await names.FindAsync(dag, cancel) is { } number && await database.WriteOneAsync(new Statement().Add($"delete from etl_parameter_set where dag = {number} and name = {name}"), cancel) == 1;

    private async Task<IReadOnlyList<ParameterSet>> ReadAsync(Session session, Statement tail, CancellationToken cancel)
    {
        var raws = await session.QueryAsync($"select dag, name, parameters, saved, code_version from etl_parameter_set {tail}",
            static row => (Dag: row.GetInt64(0), Name: row.GetString(1), Texts: row.GetString(2), Saved: row.GetInt64(3), CodeVersion: row.GetString(4)), cancel);
        var texts = await names.TextsAsync(session, raws.Select(static raw => raw.Dag), cancel);
        return [.. raws.Select(raw => new ParameterSet { Dag = texts[raw.Dag], Name = raw.Name, Texts = JsonSerializer.Deserialize<Dictionary<string, string>>(raw.Texts)!, Saved = Micros.ToInstant(raw.Saved), CodeVersion = raw.CodeVersion })];
    }
}
