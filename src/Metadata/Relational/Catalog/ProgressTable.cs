using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Metadata.Relational.Commits;

namespace Etl.Metadata.Relational.Catalog;

/// <summary>Where each partition stands, by topic and generation; the current generation is the highest.</summary>
internal sealed class ProgressTable(Database database, NameTable names, Head head)
{
    private const int HaltMax = 2_000;

    public async Task<IReadOnlyList<PartitionProgress>> ReadAsync(string topic, CancellationToken cancel) =>
        await names.FindAsync(topic, cancel) is { } number ? await database.ReadAsync(session => CurrentAsync(session, topic, number, cancel), cancel) : [];

    public async Task<IReadOnlyList<PartitionProgress>> TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel)
    {
        var number = (await names.EnterAsync([topic], cancel))[topic];
        return await database.WriteAsync<IReadOnlyList<PartitionProgress>>(async session =>
        {
            await head.LockAsync(session, cancel); // no commit of the lander before is half-way
            if (await session.NumberAsync($"select state from etl_writer where token = {token}", cancel) != (long)WriterState.Open)
                throw new StoreException($"{topic}: token {token} is revoked, closed or unknown; open a writer and take the partitions under its token", isTransient: false);
            var current = await CurrentAsync(session, topic, number, cancel);
            var generation = current.Select(static each => each.Generation).FirstOrDefault(1);
            foreach (var partition in partitions.Distinct().Order())
                await session.ExecuteAsync(current.Any(each => each.Partition == partition)
                    ? (Statement)$"update etl_progress set token = {token} where topic = {number} and generation = {generation} and part = {partition}"
                    : $"""
                      insert into etl_progress (topic, generation, part, topic_id, next_offset, token, last_hash, landed, rejected, number)
                      values ({number}, {generation}, {partition}, {current.Select(static each => each.TopicId).FirstOrDefault(topicId)}, 0, {token}, '', 0, 0, 0)
                      """, cancel);
            return [.. (await CurrentAsync(session, topic, number, cancel)).Where(each => partitions.Contains(each.Partition))];
        }, cancel);
    }

    public async Task HaltAsync(string topic, int partition, string reason, CancellationToken cancel)
    {
        if (await names.FindAsync(topic, cancel) is not { } number) throw new ArgumentException($"{topic}: nobody has taken it, so it cannot be halted");
        var kept = reason.Length <= HaltMax ? reason : reason[..HaltMax];
        await database.WriteAsync(async session =>
        {
            await head.LockAsync(session, cancel);
            var generation = (await CurrentAsync(session, topic, number, cancel)).Select(static each => each.Generation).FirstOrDefault();
            return await session.ExecuteAsync($"update etl_progress set halt = {kept} where topic = {number} and generation = {generation} and part = {partition}", cancel);
        }, cancel);
    }

    /// <remarks>A partition that is not named goes on where it stands when the topic is the same one, from 0 when it was made anew. Landers must take their partitions again.</remarks>
    public async Task AcceptResetAsync(string topic, string topicId, IReadOnlyDictionary<int, long> from, CancellationToken cancel)
    {
        var number = (await names.EnterAsync([topic], cancel))[topic];
        await database.WriteAsync(async session =>
        {
            var locked = await head.LockAsync(session, cancel);
            var current = await CurrentAsync(session, topic, number, cancel);
            if (current.Count > 0 && IsResetTo(current, topicId, from)) return 0; // accepted already: the reply was lost, or somebody asked twice
            var generation = current.Select(static each => each.Generation).FirstOrDefault() + 1;
            List<Statement> rows = [];
            foreach (var partition in current.Select(static each => each.Partition).Union(from.Keys).Order())
            {
                var before = current.FirstOrDefault(each => each.Partition == partition);
                var goesOn = before is not null && before.TopicId == topicId && !from.ContainsKey(partition);
                var (next, hash) = goesOn ? (before!.Next, before.LastHash) : (from.GetValueOrDefault(partition), "");
                rows.Add(new Statement().Add($"{number}, {generation}, {partition}, {topicId}, {next}, 0, {hash}, 0, 0, {locked.Next}"));
            }
            await session.InsertAsync(new("insert into etl_progress (topic, generation, part, topic_id, next_offset, token, last_hash, landed, rejected, number)"), rows, new(""), cancel);
            var note = $"{topic}: generation {generation} from {string.Join(", ", from.OrderBy(static each => each.Key).Select(static each => $"{each.Key}:{each.Value}"))}";
            await session.ExecuteAsync($"insert into etl_commit (number, at, kind, token, note) values ({locked.Next}, {locked.Now}, {(int)CommitKind.Reset}, 0, {note[..Math.Min(note.Length, 200)]})", cancel);
            await locked.WriteAsync(session, locked.Next, cancel);
            return 0;
        }, cancel);
    }

    /// <summary>Nobody has taken the generation yet, and it begins exactly there.</summary>
    private static bool IsResetTo(List<PartitionProgress> current, string topicId, IReadOnlyDictionary<int, long> from) =>
        current.All(each => each.Token == 0 && each.TopicId == topicId && each.HaltReason is null) && from.All(each => current.Any(row => row.Partition == each.Key && row.Next == each.Value));

    private static Task<List<PartitionProgress>> CurrentAsync(Session session, string topic, long number, CancellationToken cancel) => session.QueryAsync(
        $"""
        select topic_id, generation, part, next_offset, token, last_hash, landed, rejected, halt from etl_progress
        where topic = {number} and generation = (select max(generation) from etl_progress where topic = {number}) order by part
        """, row => Read(topic, row), cancel);

    private static PartitionProgress Read(string topic, Row row) =>
        new(topic, row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetInt64(6), row.GetInt64(7), row.StringOrNull(8));
}
