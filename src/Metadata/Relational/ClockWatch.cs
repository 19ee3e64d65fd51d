namespace Etl.Metadata.Relational;

/// <summary>Remembers the latest that the database's clock was seen at. Where it reads far less it was set back, and all that waits for an instant of it is moved back as far: else it would wait for as long as the jump.</summary>
/// <remarks>A clock that jumps forward needs no help: leases end early, and tokens see to it that nothing counts twice.</remarks>
internal static class ClockWatch
{
    /// <summary>Microseconds. Whoever waits for a lock reads the clock first: seconds later it has not run back.</summary>
    public const long BackMin = 60_000_000;

    /// <summary>Microseconds between two notes of it.</summary>
    private const long NotedEvery = 5_000_000;

    /// <summary>Its row among the places of readers.</summary>
    public const string Reader = "database clock";

    /// <summary>The last note: a part of the statement that reads the clock.</summary>
    public static Statement Noted { get; } = new Statement().Add($"(select number from etl_cursor where reader = {Reader})");

    /// <param name="noted">As read with <paramref name="now"/>.</param>
    public static async Task NoteAsync(Session session, Database database, long? noted, long now, CancellationToken cancel)
    {
        if (noted is { } before && before - now < BackMin && now - before < NotedEvery) return;
        if (noted - now >= BackMin)
        {
            if (await session.NumberAsync($"select number from etl_cursor where reader = {Reader}{database.ForUpdate}", cancel) is not { } last || last - now < BackMin) return; // another has done it
            await MoveBackAsync(session, last + NotedEvery - now, now, cancel); // the note may be so old
        }
        await session.ExecuteAsync($"insert into etl_cursor (reader, number) values ({Reader}, {now}){database.Overwrite("reader", "number")}", cancel);
    }

    private static async Task MoveBackAsync(Session session, long by, long now, CancellationToken cancel)
    {
        await session.ExecuteAsync($"update etl_slot set due = due - {by}, not_before = not_before - {by} where due > {now}", cancel);
        await session.ExecuteAsync($"update etl_run set due = due - {by} where due > {now}", cancel);
        await session.ExecuteAsync($"update etl_feed set lease_end = lease_end - {by} where lease_end > {now}", cancel);
        await session.ExecuteAsync($"update etl_feed_lander set lease_end = lease_end - {by} where lease_end > {now}", cancel);
        await session.ExecuteAsync($"update etl_writer set lease_end = lease_end - {by} where lease_end > {now}", cancel);
        await session.ExecuteAsync($"update etl_pool_place set lease_end = lease_end - {by} where lease_end > {now}", cancel);
        await session.ExecuteAsync($"update etl_source set held_until = held_until - {by} where held_until > {now}", cancel);
        await session.ExecuteAsync($"update etl_source_use set at = at - {by} where at > {now}", cancel);
    }
}
