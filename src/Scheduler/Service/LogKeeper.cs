using Etl.Contracts;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>Forgets what attempts said after its time, a page at a time, so that the store does not grow without end.</summary>
public sealed class LogKeeper(IMetadata metadata, TimeSpan keep, TimeProvider clock)
{
    public const int PerPage = 2_000;

    private static readonly TimeSpan Every = TimeSpan.FromHours(1), Between = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(Action<string> say, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                while (await metadata.Logs.ForgetAsync(await metadata.NowAsync(stop) - keep, PerPage, stop) >= PerPage) await Task.Delay(Between, clock, stop);
                await Task.Delay(Every, clock, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (StoreException error)
            {
                say($"old logs are not forgotten yet, {error.Message}");
                try { await Task.Delay(Every, clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }
}
