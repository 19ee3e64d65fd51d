using Etl.Contracts;
using Etl.Sinks;

namespace Etl.Tests.Conformance.Sinks;

/// <summary>The table changes under the prepared statements of a publish: it goes on, or fails for a reason that passes, and the next attempt writes every row.</summary>
public sealed partial class CassandraSinkConformance
{
    private static readonly object?[][] ManyTrucks = [.. Enumerable.Range(0, 60).Select(truck => Truck($"truck-{truck:00}", truck, truck % 7 == 0 ? null : truck / 4.0))];

    [Fact]
    public async Task A_column_that_is_added_while_rows_are_written_changes_nothing()
    {
        await PublishAsync(1, ManyTrucks[0]);
        (await PublishWhileAsync(2, "ALTER TABLE truck_hourly ADD note text")).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(ManyTrucks);
        (await PublishAsync(3, ManyTrucks)).ShouldBe(ReplaceOutcome.Replaced); // by statements with the new column
        (await keyspace.ExecuteAsync($"SELECT count, note FROM {keyspace.Name}.truck_hourly WHERE truck_id = 'truck-03' AND month = 202603")).Rows.Select(row => (row.GetValue<long?>(0), row.GetValue<string>(1))).ShouldBe([(3L, null)]);
    }

    [Fact]
    public async Task A_table_that_is_dropped_while_rows_are_written_is_made_again_by_the_next_attempt()
    {
        await PublishAsync(1, ManyTrucks[0]);
        var error = await Should.ThrowAsync<StoreException>(() => PublishWhileAsync(2, "DROP TABLE truck_hourly"));
        error.IsTransient.ShouldBeTrue(error.Message);
        error.Message.ShouldContain($"{keyspace.Name}: truck_hourly was dropped after it was prepared; publish again"); // looked for once more, and not found
        (await PublishAsync(2, ManyTrucks)).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(ManyTrucks);
    }

    [Fact]
    public async Task A_table_that_is_dropped_and_made_anew_while_rows_are_written_is_not_taken_for_whole()
    {
        await PublishAsync(1, ManyTrucks[0]);
        await using var other = Open();
        var error = await Should.ThrowAsync<StoreException>(() => PublishWhileAsync(2, "DROP TABLE truck_hourly", async () => (await other.PrepareAsync(Trucks, default)).ShouldBeNull()));
        error.IsTransient.ShouldBeTrue(error.Message);
        error.Message.ShouldContain("dropped");
        (await VersionAsync()).ShouldBeNull("nothing was confirmed of the new one");
        (await PublishAsync(2, ManyTrucks)).ShouldBe(ReplaceOutcome.Replaced);
        await ShouldHoldAsync(ManyTrucks);
        (await VersionAsync()).ShouldBe(2);
    }

    /// <summary>Publishes many trucks; when the first is written and the others are not, the statement runs.</summary>
    private async Task<ReplaceOutcome> PublishWhileAsync(long version, string cql, Func<Task>? then = null)
    {
        bool isDone = false;
        using var listening = CrashPoints.Listen(point =>
        {
            if (point != CrashPoint.PublishHalf || isDone) return;
            isDone = true;
            Task.Run(async () =>
            {
                await ExecuteAsync(cql);
                if (then is not null) await then();
            }).Wait();
        });
        try { return await PublishAsync(version, ManyTrucks); }
        finally { isDone.ShouldBeTrue(); }
    }
}
