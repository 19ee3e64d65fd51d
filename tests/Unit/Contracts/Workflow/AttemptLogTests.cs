using Etl.Contracts.Workflow;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Contracts.Workflow;

public sealed class AttemptLogTests
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void What_is_said_is_kept_in_order_with_its_time()
    {
        var log = new AttemptLog(_clock);
        int heard = 0;
        log.Said = () => heard++;
        (log.Lines.Count, log.IsEmpty).ShouldBe((0, true));
        log.Info("reads");
        _clock.Advance(TimeSpan.FromSeconds(2));
        log.Warning("slow");
        log.Lines.ShouldBe([new(_clock.GetUtcNow().AddSeconds(-2), LogSeverity.Info, "reads"), new(_clock.GetUtcNow(), LogSeverity.Warning, "slow")]);
        (heard, log.IsEmpty).ShouldBe((2, false));
        AttemptLog.None.Error("nobody listens");
        AttemptLog.None.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void Of_too_many_lines_the_first_and_the_last_are_kept_and_the_rest_is_counted()
    {
        var log = new AttemptLog(_clock);
        for (int line = 0; line < 1_000; line++) log.Info($"line {line}");
        var lines = log.Lines;
        lines.Count.ShouldBe(AttemptLog.LinesMax + 1);
        (lines[0].Text, lines[99].Text, lines[101].Text, lines[^1].Text).ShouldBe(("line 0", "line 99", "line 900", "line 999"));
        lines[100].Text.ShouldBe("… 800 lines left out …");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3_000)]
    [InlineData(1_000_000)]
    public void However_long_the_lines_are_the_log_is_bounded_and_ends_with_the_last(int letters)
    {
        var log = new AttemptLog(_clock);
        for (int line = 0; line < 300; line++) log.Info($"{line} {new string('x', letters)}");
        var lines = log.Lines;
        lines.Sum(line => line.Text.Length).ShouldBeLessThan(AttemptLog.LettersMax + 100);
        (lines[0].Text[..2], lines[^1].Text[..4]).ShouldBe(("0 ", "299 "));
        int leftOut = int.Parse(lines.Single(line => line.Text.EndsWith("left out …")).Text.Split(' ')[1]);
        (leftOut + lines.Count - 1).ShouldBe(300);
        if (letters > AttemptLog.LineLettersMax) lines[^1].Text.ShouldEndWith("… (1,000,004 letters in all)");
    }
}
