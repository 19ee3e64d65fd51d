using Etl.Contracts;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>Forgets after its time what only explains: what attempts said, runs, attempts and the writers of old calls. A page at a time, so that the store does not grow without end and nobody waits for it.</summary>
/// <param name="logs">How long what attempts said is kept.</param>
/// <param name="runs">How long ended runs, and what came of them, are kept.</param>
public sealed class Housekeeping(IMetadata metadata, TimeSpan logs, TimeSpan runs, TimeProvider clock)
{
    public const int PerPage = 2_000, WritersPerPage = 100;

    /// <summary>Pages of each kind in one pass: a long past is worked off over some hours.</summary>
    public int PagesMax { get; init; } = 100;

    /// <summary>Slots whose attempts are looked at in one page.</summary>
    public int SlotsPerPage { get; init; } = 500;

    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    private long _slot, _writer; // where the next pass goes on; 0 at the beginning

    public async Task RunAsync(Action<string> say, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                try { await PassAsync(stop); }
                catch (StoreException error) { say($"what is old is not forgotten yet, {error.Message}"); }
                await Task.Delay(Every, clock, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
        }
    }

    internal async Task PassAsync(CancellationToken stop)
    {
        var now = await metadata.NowAsync(stop);
        await PagesAsync(async () => await metadata.Logs.ForgetAsync(now - logs, PerPage, stop) >= PerPage, stop);
        await PagesAsync(async () => await metadata.Runs.ForgetAsync(now - runs, PerPage, stop) >= PerPage, stop);
        await PagesAsync(async () => (_slot = (await metadata.Logs.ForgetAttemptsAsync(now - runs, _slot, SlotsPerPage, stop)).Next ?? 0) > 0, stop);
        await PagesAsync(async () => (_writer = (await metadata.Commits.ForgetWritersAsync(now - runs, _writer, WritersPerPage, stop)).Next ?? 0) > 0, stop);
    }

    /// <param name="page">Whether there may be another.</param>
    private async Task PagesAsync(Func<Task<bool>> page, CancellationToken stop)
    {
        for (int pages = 0; pages < PagesMax && await page(); pages++) await Task.Delay(Between, clock, stop);
    }
}
