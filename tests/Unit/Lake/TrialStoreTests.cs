using Etl.Contracts.Commits;
using Etl.Lake;
using static Etl.Tests.Unit.Lake.LakeRoom;

namespace Etl.Tests.Unit.Lake;

/// <summary>What is tried is seen by whoever reads through the trial, and by nobody else.</summary>
public sealed class TrialStoreTests : IDisposable
{
    private const string Sql = "select truck_id, count(*) as events from truck_data group by truck_id";

    private readonly LakeRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task A_first_result_is_read_in_the_trial_and_the_lake_has_none()
    {
        await _room.LandAsync(Row("a", 1, "06:10"), Row("a", 2, "06:20"), Row("b", 1, "06:30"));
        long head = _room.Store.Head;
        var (trial, lake) = await TrialAsync();
        await BuildAsync(trial, lake);
        (await RowsAsync(lake, trial.Head)).ShouldBe("2026-03-01 06:00,a,2; 2026-03-01 06:00,b,1");
        (await trial.ChangedAsync("hours", Hour(6).Start, Hour(6).End, default)).ShouldHaveSingleItem().Number.ShouldBe(head + 1);
        (await trial.RowsAsync("hours", Hour(6).Start, Hour(6).End, trial.Head, default)).ShouldHaveSingleItem().Rows.ShouldBe(2);
        (await trial.FilesAsync("hours", Hour(6).Start, Hour(6).End, head, default)).ShouldBeEmpty("as of before it was tried");

        _room.Store.Head.ShouldBe(head);
        (await _room.Store.FilesAsync("hours", long.MaxValue, default)).ShouldBeEmpty();
        (await _room.Store.SchemasAsync("hours", default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_result_that_is_there_is_replaced_in_the_trial_alone_and_later_commits_are_not_seen()
    {
        await _room.LandAsync(Row("a", 1, "06:10"));
        await _room.BuildAsync("hours", Hour(6), Sql, ["truck_id"], TruckRows.Input);
        await _room.LandAsync(Row("a", 2, "06:20"));
        var (trial, lake) = await TrialAsync();
        await _room.LandAsync(Row("a", 3, "06:40")); // after the trial began
        await BuildAsync(trial, lake);
        (await RowsAsync(lake, trial.Head)).ShouldBe("2026-03-01 06:00,a,2");
        await BuildAsync(trial, lake); // the trial's numbers have reached those of the later commit
        (await RowsAsync(lake, trial.Head)).ShouldBe("2026-03-01 06:00,a,2");
        (await RowsAsync(_room.Lake, _room.Store.Head)).ShouldBe("2026-03-01 06:00,a,1");
        (await trial.RowsAsync("hours", Hour(6).Start, Hour(6).End, trial.Head, default)).ShouldHaveSingleItem().Rows.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_can_be_committed_through_it()
    {
        var (trial, _) = await TrialAsync();
        await Should.ThrowAsync<InvalidOperationException>(async () => await trial.Commits.CommitAsync([new() { Kind = CommitKind.Build, Token = 1 }], default));
        Should.Throw<InvalidOperationException>(() => trial.Ledger).Message.ShouldContain("changes nothing");
    }

    private async Task<(TrialStore Trial, ParquetLake Lake)> TrialAsync()
    {
        var trial = await TrialStore.OfAsync(_room.Store, default);
        return (trial, new(trial, _room.Database, _room.Options));
    }

    private static async Task BuildAsync(TrialStore trial, ParquetLake lake)
    {
        await using var snapshot = await lake.OpenAsync([TruckRows.Input], Hour(6), trial.Head, default);
        using var result = await snapshot.QueryAsync(Sql, ["truck_id"], default);
        trial.Try(await lake.WriteResultAsync("hours", result, 99, default));
    }

    private static async Task<string> RowsAsync(ParquetLake lake, long asOf)
    {
        using var rows = await lake.ReadResultAsync("hours", Hour(6), ["truck_id"], asOf, default);
        return Text(rows);
    }
}
