using Etl.Cli.Watching;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Etl.Tests.Unit.Cli.Watching;

public sealed class RunLinesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Run Run = new() { Id = 7, Dag = "trucks", Kind = RunKind.Manual, Fire = Noon, From = Noon, To = Noon, State = RunState.Running };

    [Fact]
    public void Only_what_has_changed_is_a_line()
    {
        var lines = new RunLines(new FakeTimeProvider(Noon));
        Said(lines, Run, new SlotCount("trucks/hours", SlotState.Queued, 3)).ShouldBe(["12:00:00Z  trucks/hours: 3 queued", "12:00:00Z  run 7 of trucks: running"]);
        Said(lines, Run, new SlotCount("trucks/hours", SlotState.Queued, 3)).ShouldBeEmpty();
        Said(lines, Run, new("trucks/hours", SlotState.Queued, 1), new("trucks/hours", SlotState.Done, 2)).ShouldBe(["12:00:00Z  trucks/hours: 1 queued, 2 done"]);
        Said(lines, Run with { State = RunState.Failed, Windows = 2, Rows = 9, Reason = "no [way]" }, new("trucks/hours", SlotState.Queued, 1), new("trucks/hours", SlotState.Done, 2))
            .ShouldBe(["12:00:00Z  run 7 of trucks: failed, 2 windows, 9 rows, no [way]"]);
    }

    [Theory]
    [InlineData(RunState.Done, 0, 0)]
    [InlineData(RunState.Failed, 0, 1)]
    [InlineData(RunState.Failed, 3, 5)]
    [InlineData(RunState.Cancelled, 0, 1)]
    public void The_exit_code_is_the_runs(RunState state, long windows, int code) => RunWatch.CodeOf(Run with { State = state, Windows = windows }).ShouldBe(code);

    [Fact]
    public void A_line_that_is_too_long_is_cut_and_none_is_broken()
    {
        LiveLines.Cropped("[red]✗[/] 7", 80).ShouldBe("[red]✗[/] 7");
        Markup.Remove(LiveLines.Cropped($"[red]failed[/] {Markup.Escape("[" + new string('x', 100))}", 40)).Length.ShouldBe(40);
    }

    private static IEnumerable<string> Said(RunLines lines, Run run, params IReadOnlyList<SlotCount> counts) => lines.Changed(run, counts).Select(Markup.Remove);
}
