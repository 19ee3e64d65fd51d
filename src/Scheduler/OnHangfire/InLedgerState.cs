using System.Globalization;
using Etl.Contracts.Workflow;
using Hangfire.States;
using Hangfire.Storage;

namespace Etl.Scheduler.OnHangfire;

/// <summary>The state of a Hangfire job whose run is in the ledger and has not ended. It holds no thread.</summary>
/// <param name="retrying">What of it waits for another try; null for nothing.</param>
/// <param name="goesOn">Whether it was told to wait for another try before.</param>
public sealed class InLedgerState(Run run, Retrying? retrying = null, bool goesOn = false) : IState
{
    public const string StateName = "InLedger";

    /// <summary>The set of jobs in this state, for the page and its counter; and of those of them that are tried again, which Hangfire counts as "Retries".</summary>
    public const string Set = "in-ledger", RetryingSet = "retries";

    /// <summary>What of its data tells the next try, and why there is one.</summary>
    public const string TriesAgain = "Tries again", Because = "Because";

    public string Name => StateName;

    public string Reason => retrying is not null ? $"run {run.Id} of {run.Dag} tries again"
        : goesOn ? $"run {run.Id} of {run.Dag} goes on"
        : $"run {run.Id} of {run.Dag}{(run.Round > 1 ? $", round {run.Round}" : "")}: {run.Reason}";

    public bool IsRetrying => retrying is not null;

    public bool IsFinal => false; // kept until it ends

    public bool IgnoreJobLoadException => false;

    public Dictionary<string, string> SerializeData()
    {
        var data = new Dictionary<string, string>
        {
            ["Dag"] = run.Dag, ["Run"] = run.Id.ToString(CultureInfo.InvariantCulture), ["Fire"] = Second(run.Fire), ["Round"] = run.Round.ToString(CultureInfo.InvariantCulture), ["Parameters"] = run.Parameters,
        };
        if (retrying is not null) (data[TriesAgain], data[Because]) = ($"not before {Second(retrying.Next)}", retrying.Text);
        return data;
    }

    private static string Second(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public sealed class Handler : IStateHandler
    {
        public string StateName => InLedgerState.StateName;

        public void Apply(ApplyStateContext context, IWriteOnlyTransaction transaction)
        {
            transaction.AddToSet(Set, context.BackgroundJob.Id);
            if (context.NewState is InLedgerState { IsRetrying: true }) transaction.AddToSet(RetryingSet, context.BackgroundJob.Id);
        }

        public void Unapply(ApplyStateContext context, IWriteOnlyTransaction transaction)
        {
            transaction.RemoveFromSet(Set, context.BackgroundJob.Id);
            transaction.RemoveFromSet(RetryingSet, context.BackgroundJob.Id);
        }
    }
}
