using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    [Fact]
    public async Task A_commit_makes_its_files_progress_and_changes_visible_under_one_number()
    {
        var token = await OpenWriterAsync();
        await Store.Catalog.TakeAsync(Topic, "id-1", [0, 1], token, Cancel);
        var before = await Store.Commits.HeadAsync(Cancel);
        var number = await CommitAsync(Landing(token, "truck_telemetry/2026-03/1-1.parquet", 0, 100) with { Note = "batch 1" });

        number.ShouldBeGreaterThan(before);
        (await Store.Commits.HeadAsync(Cancel)).ShouldBe(number);
        var file = (await Store.Catalog.FilesAsync(Events, Noon, Noon.AddHours(1), number, Cancel)).ShouldHaveSingleItem();
        file.ShouldSatisfyAllConditions(
            () => file.Path.ShouldBe("truck_telemetry/2026-03/1-1.parquet"), () => file.Rows.ShouldBe(100), () => file.Bytes.ShouldBe(2_000), () => file.AddedIn.ShouldBe(number),
            () => file.RetiredIn.ShouldBeNull(), () => file.Offsets.ShouldBe([new OffsetRange(Topic, 1, 0, 0, 100)]));
        (await Store.Catalog.FilesAsync(Events, Noon.AddHours(1), Noon.AddHours(2), number, Cancel)).ShouldBeEmpty();
        (await Store.Catalog.FilesAsync(Events, before, Cancel)).ShouldBeEmpty();
        (await Store.Catalog.RowsAsync(Events, Noon, Noon.AddDays(1), number, Cancel)).ShouldBe([new WindowRows(Noon, 100)]);
        var progress = await Store.Catalog.ProgressAsync(Topic, Cancel);
        progress.ShouldBe([new(Topic, "id-1", 1, 0, 100, token, "hash 100", 100, 0, null), new(Topic, "id-1", 1, 1, 0, token, "", 0, 0, null)]);
        (await Store.Commits.ChangesAfterAsync(before, 10, Cancel)).ShouldBe([new ChangedWindow(Events, Noon, number)]);
        (await Store.Catalog.ChangedAsync(Events, Noon, Noon.AddHours(1), Cancel)).ShouldBe([new ChangedWindow(Events, Noon, number)]);
        var info = (await Store.Commits.FindAsync(number, Cancel)).ShouldNotBeNull();
        (info.Kind, info.Token, info.Writer, info.Note).ShouldBe((CommitKind.Land, token, "test", "batch 1"));
        (await Store.Commits.AfterAsync(before, 10, Cancel)).ShouldBe([info]);
        (await Store.Catalog.DatasetsAsync(Cancel)).ShouldBe([Events]);
    }

    [Fact]
    public async Task Numbers_read_as_the_databases_clock()
    {
        var number = await CommitAsync(Adding(await OpenWriterAsync(), "a"));
        (await Store.NowAsync(Cancel) - Micros.ToInstant(number)).Duration().ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Numbers_grow_by_one_while_the_clock_is_behind_the_head()
    {
        var token = await OpenWriterAsync();
        var ahead = Micros.Of((await Store.NowAsync(Cancel)).AddDays(1));
        await ExecuteAsync($"update etl_head set head = {ahead}");
        (await CommitAsync(Adding(token, "a"))).ShouldBe(ahead + 1);
        (await CommitAsync(Adding(token, "b"))).ShouldBe(ahead + 2);
    }

    [Fact]
    public async Task A_clock_too_far_off_stops_commits_by_name()
    {
        var node = new ShiftedTime(TimeSpan.FromMinutes(-6));
        await using var late = await OpenAsync(new() { DatabaseClock = TimeProvider.System }, node);
        var token = await OpenWriterAsync();
        var fault = await Should.ThrowAsync<ClockSkewException>(() => late.Commits.CommitAsync([Adding(token, "a")], Cancel));
        fault.IsTransient.ShouldBeFalse();
        fault.Message.ShouldContain("time server");
        (await Store.Catalog.ListedAsync(["a"], Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refused_commits_change_nothing_and_hinder_no_other()
    {
        var (token, revoked) = (await OpenWriterAsync(), await OpenWriterAsync());
        await Store.Commits.CloseWriterAsync(revoked, Cancel);
        await Store.Catalog.TakeAsync(Topic, "id-1", [0], token, Cancel);
        await CommitAsync(Adding(token, "old"));
        await CommitAsync(new() { Kind = CommitKind.Compact, Token = token, Retired = ["old"] });
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var head = await Store.Commits.HeadAsync(Cancel);

        var outcomes = await Store.Commits.CommitAsync(
        [
            Adding(revoked, "by revoked"),
            Adding(token, "good 1"),
            Landing(token, "not where it begins", 7, 10),
            Adding(token, "with retired path") with { Retired = ["old"] },
            Adding(token, "with unknown path") with { Retired = ["never"] },
            Landing(token, "good 2", 0, 10),
            Adding(token, "good 1") with { Note = "the same name for other rows", Added = [EventFile("good 1", 11, Noon)] },
            new() { Kind = CommitKind.Build, Token = token, Added = [EventFile("of a slot that does not run", 1, Noon)], Slot = new(HourSlot(), 1, 1, SlotState.Done, head, "d") },
        ], Cancel);

        outcomes.Select(static outcome => outcome is CommitOutcome.Committed).ShouldBe([false, true, false, false, false, true, false, false]);
        outcomes.OfType<CommitOutcome.Refused>().Select(static refused => refused.Reason).ShouldAllBe(static reason => reason.Length > 10);
        outcomes.OfType<CommitOutcome.Committed>().Select(static each => each.Number).ShouldBe([outcomes.OfType<CommitOutcome.Committed>().First().Number, await Store.Commits.HeadAsync(Cancel)]);
        (await Store.Catalog.FilesAsync(Events, long.MaxValue, Cancel)).Select(static file => file.Path).ShouldBe(["good 1", "good 2"]);
        (await Store.Catalog.ProgressAsync(Topic, Cancel)).Single().Next.ShouldBe(10);
        (await Store.Commits.AfterAsync(head, 100, Cancel)).Count.ShouldBe(2);
        (await Store.Ledger.FindAsync(HourSlot(), Cancel))!.State.ShouldBe(SlotState.Queued);
    }

    [Fact]
    public async Task A_revoked_token_is_fenced()
    {
        var token = await OpenWriterAsync();
        (await Store.Commits.RenewWriterAsync(token, Minute, Cancel)).ShouldBeTrue();
        (await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel)).ShouldBeEmpty();
        (await Store.Commits.RevokeExpiredAsync(evenLive: true, Cancel)).ShouldBe([token]);
        (await Store.Commits.RenewWriterAsync(token, Minute, Cancel)).ShouldBeFalse();
        (await RefusedAsync(Adding(token, "a"))).ShouldContain("revoked");
        var next = await OpenWriterAsync();
        next.ShouldBeGreaterThan(token);
        await CommitAsync(Adding(next, "a"));
    }

    [Fact]
    public async Task A_writer_that_was_swept_is_not_listed_again_and_stays_fenced()
    {
        var (closed, revoked) = (await OpenWriterAsync(), await OpenWriterAsync());
        await Store.Commits.CloseWriterAsync(closed, Cancel);
        (await Store.Commits.RevokeExpiredAsync(evenLive: true, Cancel)).ShouldBe([closed, revoked]);
        var live = await OpenWriterAsync();
        await Store.Commits.MarkSweptAsync([closed, revoked, live], (await Store.NowAsync(Cancel)).AddHours(-1), Cancel);
        (await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel)).ShouldBe([closed, revoked], "their leases were not over long enough");
        await Store.Commits.MarkSweptAsync([closed, revoked, live], DateTimeOffset.MaxValue, Cancel);
        (await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel)).ShouldBeEmpty();
        (await RefusedAsync(Adding(revoked, "a"))).ShouldContain("revoked or closed");
        await CommitAsync(Adding(live, "a"));
    }

    [Fact]
    public async Task A_partition_has_one_lander()
    {
        var (first, second) = (await OpenWriterAsync(), await OpenWriterAsync());
        await Store.Catalog.TakeAsync(Topic, "id-1", [0], first, Cancel);
        await CommitAsync(Landing(first, "a", 0, 10));
        (await Store.Catalog.TakeAsync(Topic, "id-1", [0], second, Cancel)).ShouldHaveSingleItem().Next.ShouldBe(10);
        (await RefusedAsync(Landing(first, "b", 10, 10))).ShouldContain($"token {second}");
        await CommitAsync(Landing(second, "c", 10, 10));
    }

    [Fact]
    public async Task A_halted_partition_refuses_until_the_reset_is_accepted()
    {
        var token = await OpenWriterAsync();
        await Store.Catalog.TakeAsync(Topic, "id-1", [0, 1], token, Cancel);
        await CommitAsync(Landing(token, "a", 0, 10));
        await Store.Catalog.HaltAsync(Topic, 0, "offsets 10 to 30 are gone", Cancel);
        (await RefusedAsync(Landing(token, "b", 10, 10))).ShouldContain("offsets 10 to 30 are gone");
        await CommitAsync(Landing(token, "p1", 0, 10, partition: 1));

        var head = await Store.Commits.HeadAsync(Cancel);
        await Store.Catalog.AcceptResetAsync(Topic, "id-1", new Dictionary<int, long> { [0] = 30 }, Cancel);
        await Store.Catalog.AcceptResetAsync(Topic, "id-1", new Dictionary<int, long> { [0] = 30 }, Cancel);
        (await Store.Commits.AfterAsync(head, 10, Cancel)).ShouldHaveSingleItem().Kind.ShouldBe(CommitKind.Reset);
        var progress = await Store.Catalog.ProgressAsync(Topic, Cancel);
        progress.Select(static each => (each.Generation, each.Partition, each.Next, each.HaltReason)).ShouldBe([(2, 0, 30L, null), (2, 1, 10L, null)]);
        (await RefusedAsync(Landing(token, "b", 30, 10))).ShouldContain("generation");
        await Store.Catalog.TakeAsync(Topic, "id-1", [0], token, Cancel);
        await CommitAsync(new() { Kind = CommitKind.Land, Token = token, Progress = [new(new(Topic, 2, 0, 30, 35), 5, 0, "h")] });
    }

    [Fact]
    public async Task Writers_racing_lose_and_double_nothing()
    {
        const int writers = 8, each = 200;
        await using var other = await OpenAsync();
        Committer[] committers = [Committer, new(other.Commits)];
        var numbers = await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var token = await OpenWriterAsync($"writer {writer}");
            List<long> own = [];
            for (var index = 0; index < each; index++)
                own.Add((await committers[writer % 2].CommitAsync(Adding(token, $"{writer}-{index}", Noon.AddHours(index % 5)))).ShouldBeOfType<CommitOutcome.Committed>().Number);
            own.ShouldBeInOrder(SortDirection.Ascending);
            return own;
        }));
        numbers.SelectMany(static own => own).Distinct().Count().ShouldBe(writers * each);
        var files = await Store.Catalog.FilesAsync(Events, long.MaxValue, Cancel);
        files.Count.ShouldBe(writers * each);
        files.Select(static file => file.AddedIn).Order().ShouldBe(numbers.SelectMany(static own => own).Order());
        (await Store.Catalog.RowsAsync(Events, Noon, Noon.AddHours(5), long.MaxValue, Cancel)).Sum(static window => window.Rows).ShouldBe(writers * each * 10);
    }

    [Fact]
    public async Task A_reader_as_of_a_number_sees_exactly_the_commits_up_to_it()
    {
        var token = await OpenWriterAsync();
        List<long> numbers = [];
        for (var index = 0; index < 20; index++)
            numbers.Add(await CommitAsync(Adding(token, $"{index:00}") with { Retired = index >= 5 ? [$"{index - 5:00}"] : [] })); // five live at a time
        for (var index = 0; index < numbers.Count; index++)
        {
            var seen = await Store.Catalog.FilesAsync(Events, Noon, Noon.AddHours(1), numbers[index], Cancel);
            seen.Select(static file => file.Path).ShouldBe(Enumerable.Range(Math.Max(0, index - 4), Math.Min(index + 1, 5)).Select(static each => $"{each:00}"));
        }
    }

    [Theory]
    [InlineData(CrashPoint.CommitPrepared)]
    [InlineData(CrashPoint.Committed)]
    public async Task A_crash_around_COMMIT_leaves_all_or_nothing_and_the_retry_answers_with_one_number(CrashPoint point)
    {
        var token = await OpenWriterAsync();
        await Store.Catalog.TakeAsync(Topic, "id-1", [0], token, Cancel);
        await Store.Ledger.PlanAsync([new(HourSlot(5), Lane.Live, SlotState.Queued)], Cancel);
        var slot = await ClaimOneAsync(token);
        PendingCommit[] commits =
        [
            Landing(token, "a", 0, 10),
            new() { Kind = CommitKind.Land, Token = token, Progress = [new(new(Topic, 1, 0, 10, 12), 0, 2, "h")], Rejects = [new(Events, Topic, 1, 0, 10, "EndsInside", "", [], [1])] },
            new() { Kind = CommitKind.Compact, Token = token, Added = [EventFile("b", 10, Noon)], Retired = ["a"] },
            new() { Kind = CommitKind.Compact, Token = token, Retired = ["b"] },
            Finishing(slot, result: new(3, "sum")) with { Added = [new(Hourly, "r", 3, 9, 1, [new(Noon, 3)], [])], Changed = [new(Hourly, Noon)] },
        ];
        foreach (var commit in commits)
        {
            var head = await Store.Commits.HeadAsync(Cancel);
            using (CrashPoints.Listen(reached => { if (reached == point) throw new InvalidOperationException("killed"); }))
                await Should.ThrowAsync<InvalidOperationException>(() => Committer.CommitAsync(commit, Cancel));
            var after = await Store.Commits.AfterAsync(head, 10, Cancel);
            after.Count.ShouldBe(point == CrashPoint.Committed ? 1 : 0);
            (await Store.Commits.HeadAsync(Cancel) > head).ShouldBe(point == CrashPoint.Committed);

            var number = await CommitAsync(commit);
            if (point == CrashPoint.Committed) number.ShouldBe(after[0].Number);
            (await CommitAsync(commit)).ShouldBe(number);
            (await Store.Commits.AfterAsync(head, 10, Cancel)).ShouldHaveSingleItem().Number.ShouldBe(number);
        }
        (await Store.Catalog.RejectsAsync(Events, 10, Cancel)).ShouldHaveSingleItem();
        (await Store.Catalog.ProgressAsync(Topic, Cancel)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(static each => each.Landed.ShouldBe(10), static each => each.Rejected.ShouldBe(2));
        (await Store.Ledger.FindAsync(HourSlot(5), Cancel))!.State.ShouldBe(SlotState.Done);
        (await Store.Ledger.AttemptsAsync(HourSlot(5), Cancel)).ShouldHaveSingleItem().State.ShouldBe(SlotState.Done);
    }

    [Fact]
    public async Task Changes_of_one_commit_are_never_split_between_two_reads()
    {
        var token = await OpenWriterAsync();
        var first = await CommitAsync(Adding(token, "a"));
        var second = await CommitAsync(new() { Kind = CommitKind.Land, Token = token, Changed = [.. Enumerable.Range(1, 5).Select(static hour => new WindowChange(Events, Noon.AddHours(hour)))] });
        (await Store.Commits.ChangesAfterAsync(0, 1, Cancel)).Select(static each => each.Number).ShouldBe([first]);
        (await Store.Commits.ChangesAfterAsync(0, 3, Cancel)).Select(static each => each.Number).ShouldBe([first, second, second, second, second, second]);
        (await Store.Commits.ChangesAfterAsync(second, 3, Cancel)).ShouldBeEmpty();
        (await Store.Commits.CursorAsync("planner", Cancel)).ShouldBe(0);
        await Store.Commits.MoveCursorAsync("planner", second, Cancel);
        (await Store.Commits.CursorAsync("planner", Cancel)).ShouldBe(second);
    }

    [Fact]
    public async Task Schemas_and_rejects_come_with_their_commit()
    {
        var token = await OpenWriterAsync();
        DatasetSchema schema = new(Events, 1, "[]", 7, "{\"type\":\"record\"}"), other = schema with { Columns = "[1]" };
        var reject = new Reject(Events, Topic, 1, 3, 42, "UnknownSchemaId", "found id 9", [1, 2], new byte[Reject.BytesMax + 5]);
        var number = await CommitAsync(new() { Kind = CommitKind.Land, Token = token, Schemas = [schema], Rejects = [reject] });
        (await Store.Catalog.SchemasAsync(Events, Cancel)).ShouldBe([schema]);
        await CommitAsync(Adding(token, "again") with { Schemas = [schema] });
        (await RefusedAsync(Adding(token, "other") with { Schemas = [other] })).ShouldContain("version 1");
        var stored = (await Store.Catalog.RejectsAsync(null, 10, Cancel)).ShouldHaveSingleItem();
        (stored.Commit, stored.Reject.Offset, stored.Reject.Bytes.Length).ShouldBe((number, 42L, Reject.BytesMax));
        stored.Reject.Detail.ShouldContain("cut");
        stored.Reject.Key.ShouldBe([1, 2]);
        (await Store.Catalog.RejectAsync(stored.Id, Cancel))!.Reject.Reason.ShouldBe("UnknownSchemaId");
        (await Store.Catalog.RejectsAsync("never_met", 10, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_frontier_only_moves_forward()
    {
        (await Store.Catalog.FrontierAsync(Events, Cancel)).ShouldBeNull();
        await Store.Catalog.MoveFrontierAsync(Events, Noon, Cancel);
        await Store.Catalog.MoveFrontierAsync(Events, Noon.AddHours(-1), Cancel);
        (await Store.Catalog.FrontierAsync(Events, Cancel)).ShouldBe(Noon);
    }

    [Fact]
    public async Task Opening_again_finds_everything_and_migrates_nothing()
    {
        var number = await CommitAsync(Adding(await OpenWriterAsync(), "a"));
        await using var again = await OpenAsync();
        (await again.Commits.HeadAsync(Cancel)).ShouldBe(number);
        (await again.Catalog.FilesAsync(Events, number, Cancel)).ShouldHaveSingleItem().Dataset.ShouldBe(Events);
    }

    [Fact]
    public async Task A_newer_store_is_refused()
    {
        await ExecuteAsync("insert into etl_migration (number, name, at) values (99, 'future', 0)");
        var fault = await Should.ThrowAsync<StoreException>(() => OpenAsync());
        fault.Message.ShouldContain("version 99");
        fault.IsTransient.ShouldBeFalse();
    }
}
