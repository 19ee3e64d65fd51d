using Etl.Cli.Slots;
using Etl.Contracts.Workflow;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Cli.Slots;

public sealed class LogFollowerTests
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(90)]
    public void Looked_at_often_every_line_is_shown_once_though_the_log_leaves_some_out(int perLook)
    {
        var log = new AttemptLog(_clock);
        List<string> shown = [];
        IReadOnlyList<LogLine> before = [];
        for (int line = 0; line < 1_000; line++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            log.Info($"line {line}");
            if (line % perLook != 0) continue;
            shown.AddRange(LogFollower.NewLines(before, log.Lines).Select(each => each.Text));
            before = log.Lines;
        }
        shown.AddRange(LogFollower.NewLines(before, log.Lines).Select(each => each.Text));
        shown.ShouldBe(Enumerable.Range(0, 1_000).Select(line => $"line {line}"));
    }

    [Fact]
    public void Looked_at_too_seldom_it_says_how_many_are_left_out_and_goes_on_behind_the_gap()
    {
        var log = new AttemptLog(_clock);
        for (int line = 0; line < 150; line++) log.Info($"line {line}");
        var before = log.Lines;
        for (int line = 150; line < 1_000; line++) log.Info($"line {line}");
        var shown = LogFollower.NewLines(before, log.Lines).Select(line => line.Text).ToList();
        (shown[0], shown[1], shown[^1], shown.Count).ShouldBe(("… 800 lines left out …", "line 900", "line 999", 101));
        LogFollower.NewLines(log.Lines, log.Lines).ShouldBeEmpty();
    }
}
