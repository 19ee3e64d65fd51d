using Etl.Contracts.Workflow;

namespace Etl.Tests.Unit.Contracts.Workflow;

public sealed class RetryPolicyTests
{
    [Fact]
    public void The_delay_doubles_up_to_its_most_with_half_of_it_random()
    {
        var policy = new RetryPolicy { FirstDelay = TimeSpan.FromSeconds(1), DelayMax = TimeSpan.FromMinutes(1) };
        var random = new Random(1);
        for (int attempt = 1; attempt <= 100; attempt++)
        {
            double whole = Math.Min(Math.Pow(2, attempt - 1), 60);
            for (int turn = 0; turn < 20; turn++) policy.DelayAfter(attempt, random).TotalSeconds.ShouldBeInRange(whole / 2, whole, $"after attempt {attempt}");
        }
    }

    [Fact]
    public void Two_failures_of_one_cause_do_not_come_back_together()
    {
        var random = new Random(1);
        Enumerable.Range(0, 50).Select(_ => new RetryPolicy().DelayAfter(4, random)).Distinct().Count().ShouldBe(50);
    }
}
