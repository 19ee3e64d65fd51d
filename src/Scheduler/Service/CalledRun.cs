using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>A run that its caller carries out itself, where no node does: recorded, leased and ended as any other.</summary>
public sealed class CalledRun(IMetadata metadata, TimeProvider clock)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <param name="work">Carries it out, and says what came of it.</param>
    /// <returns>The run as it ended.</returns>
    /// <remarks>Stopped, it goes back to the queue: the next node goes on with it. What <paramref name="work"/> throws is its reason to have failed, and is thrown on.</remarks>
    public async Task<Run> RunAsync(string dag, PlannedRun planned, Func<Run, Task<RunEnd>> work, CancellationToken cancel)
    {
        await using var session = await WriterSession.OpenAsync(metadata, $"run of {dag}", clock, cancel);
        var made = await metadata.Runs.TriggerAsync(dag, planned, cancel);
        // Of several processes on one store another may be faster: it ends the run, and both share the work.
        var run = await metadata.Runs.TakeAsync(made.Id, session.Token, Lease, cancel) ?? made;
        using var ended = new CancellationTokenSource();
        var renewing = RenewAsync(run, ended.Token);
        RunEnd? end = null;
        try { end = await work(run); }
        catch (OperationCanceledException)
        {
            end = new(RunState.Queued, 0, 0, "its caller was stopped; `etl up` goes on with it");
            throw;
        }
        catch (Exception error)
        {
            end = new(RunState.Failed, 0, 0, error.Message);
            throw;
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
            if (end is not null) await EndAsync(run, end);
        }
        return await metadata.Runs.FindAsync(run.Id, cancel) ?? run;
    }

    private async Task EndAsync(Run run, RunEnd end)
    {
        try { await metadata.Runs.EndAsync(run, end, CancellationToken.None); }
        catch (StoreException) when (end.State != RunState.Done) { } // its lease ends by itself; the reason that is thrown tells more
    }

    private async Task RenewAsync(Run run, CancellationToken ended)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Lease / 3, clock, ended);
                await metadata.Runs.RenewAsync([run], Lease, ended);
            }
            catch (OperationCanceledException) { return; }
            catch (StoreException) { } // what it does commits under tokens of its own
        }
    }
}
