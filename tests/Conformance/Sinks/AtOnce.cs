namespace Etl.Tests.Conformance.Sinks;

internal static class AtOnce
{
    /// <summary>Begins all in the same moment, each on a thread of its own.</summary>
    public static async Task RunAsync(params Func<Task>[] works)
    {
        using var gate = new Barrier(works.Length);
        await Task.WhenAll(works.Select(work => Task.Factory.StartNew(
            () =>
            {
                gate.SignalAndWait();
                return work();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
    }
}
