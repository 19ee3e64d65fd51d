using System.Globalization;
using Etl.Contracts.Workflow;
using Hangfire.Common;
using Hangfire.States;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Hangfire's failed state of a job whose run failed: why, and what to do about it where Hangfire's own would show a type and a stack.</summary>
public sealed class RunFailedState(Run run) : IState
{
    public string Name => FailedState.StateName;

    public string Reason => string.Create(CultureInfo.InvariantCulture, $"{run.Windows:N0} windows and {run.Rows:N0} rows were done");

    public bool IsFinal => false; // as Hangfire's own: it may be queued again

    public bool IgnoreJobLoadException => false;

    public Dictionary<string, string> SerializeData() => new()
    {
        ["FailedAt"] = JobHelper.SerializeDateTime((run.Ended ?? run.Created).UtcDateTime),
        ["ExceptionType"] = $"Run {run.Id} of {run.Dag} failed{(run.Round > 1 ? $", round {run.Round}" : "")}",
        ["ExceptionMessage"] = run.Reason,
        ["ExceptionDetails"] = $"When the cause is mended, Requeue tries what failed once more, as `etl runs retry {run.Id}` does.\n`etl runs show {run.Id}` lists all that failed.",
    };
}
