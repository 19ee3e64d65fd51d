using System.Reflection;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>Leases over a store that hangs: it neither answers nor fails.</summary>
public sealed class LeaseKeeperTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3), Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_renewal_that_is_never_answered_stops_the_work_at_two_thirds_of_the_lease()
    {
        var clock = new FakeTimeProvider();
        var ledger = DispatchProxy.Create<ILedger, HungLedger>();
        var slot = new Slot { Id = new("dag/step", WindowCalendar.Of("UTC").HourOf(DateTimeOffset.UnixEpoch)), State = SlotState.Running, Lane = Lane.Live, Reason = "" };
        await using var keeper = LeaseKeeper.Start(ledger, [slot], Lease, clock, default);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var _ = keeper.Stop.Register(stopped.SetResult);
        clock.Advance(Lease / 3);
        await ((HungLedger)ledger).Asked.Task.WaitAsync(Longest);
        keeper.IsLost.ShouldBeFalse();
        clock.Advance(Lease / 3);
        await stopped.Task.WaitAsync(Longest);
        keeper.IsLost.ShouldBeTrue();
    }
}

/// <summary>A ledger that is only asked for renewals, and answers none.</summary>
public class HungLedger : DispatchProxy
{
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        targetMethod!.Name.ShouldBe(nameof(ILedger.RenewAsync));
        Asked.TrySetResult();
        return new TaskCompletionSource<IReadOnlyList<SlotId>>().Task;
    }
}
