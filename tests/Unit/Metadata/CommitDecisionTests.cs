using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Commits;

namespace Etl.Tests.Unit.Metadata;

public sealed class CommitDecisionTests
{
    private const long Token = 7, AsOf = 100, Number = 200;
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SlotId Id = new("trucks/truck_hourly", WindowCalendar.Of("UTC").HourOf(Noon));
    private static readonly SlotInput Input = new("truck_telemetry", Noon, Noon.AddHours(1));

    private static CommitFacts Running(SlotState state = SlotState.Running)
    {
        var facts = new CommitFacts();
        facts.OpenTokens.Add(Token);
        facts.Slots[Id] = new(1, new() { Id = Id, State = state, Attempt = 2, Token = Token, AsOf = AsOf, Version = 50, Checksum = "old", LeaseEnd = Noon });
        return facts;
    }

    private static PendingCommit Ending(SlotState state, SlotResult? result = null) => new()
    {
        Kind = CommitKind.Build, Token = Token, Slot = new(Id, 1, 2, state, AsOf, "digest", "reason") { Inputs = [Input], Result = result, NotBefore = Noon },
    };

    [Theory]
    [InlineData(AsOf, SlotState.Done, 1, 2)]
    [InlineData(AsOf + 1, SlotState.Queued, 2, 0)]
    public void Done_stays_done_unless_an_input_changed_after_what_was_read(long changed, SlotState state, int round, int attempt)
    {
        var facts = Running();
        facts.InputChanges[Input] = changed;
        var slot = CommitDecision.Decide(Ending(SlotState.Done, new(5, "new")), facts, Number).ShouldBeOfType<Verdict.Accepted>().Slot!;
        (slot.State, slot.Round, slot.Attempt, slot.Version, slot.Checksum, slot.LeaseEnd).ShouldBe((state, round, attempt, Number, "new", null));
    }

    [Theory]
    [InlineData(-1, SlotState.Done)]
    [InlineData(0, SlotState.Queued)]
    [InlineData(59, SlotState.Queued)]
    [InlineData(60, SlotState.Done)]
    public void A_change_by_the_group_counts_from_the_inputs_start_up_to_before_its_end(int minute, SlotState state)
    {
        var facts = Running();
        facts.OwnChanges.Add((new("truck_telemetry", Noon.AddMinutes(minute)), Number - 1));
        CommitDecision.Decide(Ending(SlotState.Done), facts, Number).ShouldBeOfType<Verdict.Accepted>().Slot!.State.ShouldBe(state);
    }

    [Fact]
    public void A_failed_attempt_keeps_the_result_and_asks_no_input()
    {
        var facts = Running();
        facts.InputChanges[Input] = AsOf + 1;
        var slot = CommitDecision.Decide(Ending(SlotState.Failed), facts, Number).ShouldBeOfType<Verdict.Accepted>().Slot!;
        (slot.State, slot.Version, slot.Checksum, slot.Digest, slot.Reason, slot.NotBefore).ShouldBe((SlotState.Failed, 50, "old", "", "reason", null));
    }

    [Fact]
    public void An_ended_attempt_is_known_again_only_under_its_token()
    {
        var facts = Running(SlotState.Done);
        facts.Attempts[(Id, 1, 2)] = new(Token, SlotState.Done, 150);
        CommitDecision.Decide(Ending(SlotState.Done), facts, Number).ShouldBe(new Verdict.There(150, SlotState.Done));
        facts.Attempts[(Id, 1, 2)] = new(Token + 1, SlotState.Done, 150);
        CommitDecision.Decide(Ending(SlotState.Done), facts, Number).ShouldBeOfType<Verdict.Refused>().Reason.ShouldContain("found Done");
    }

    [Fact]
    public void A_commit_that_contradicts_itself_is_a_bug()
    {
        var commit = new PendingCommit { Kind = CommitKind.Land, Token = Token };
        OffsetRange range = new("Truck-Data", 1, 0, 10, 20);
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(commit with { Added = [new("d", "p", 3, 1, 1, [new(Noon, 2)], [])] })).Message.ShouldContain("found 2 rows in its windows, 3 in all");
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(commit with { Progress = [new(range with { To = 10 }, 0, 0, "")] }));
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(commit with { Progress = [new(range, 8, 3, "")] }));
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(commit with { Progress = [new(range, 1, 0, ""), new(range, 1, 0, "")] }));
        var putOff = Ending(SlotState.Queued);
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(putOff with { Slot = putOff.Slot! with { NotBefore = null } })).Message.ShouldContain("Queued with a time");
        Should.Throw<ArgumentException>(() => PendingCommitRules.Require(Ending(SlotState.Waiting)));
        PendingCommitRules.Require(putOff);
        PendingCommitRules.Require(commit with { Progress = [new(range, 7, 3, "")] });
    }
}
