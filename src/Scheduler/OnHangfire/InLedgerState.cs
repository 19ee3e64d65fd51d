using System.Globalization;
using Etl.Contracts.Workflow;
using Hangfire.States;
using Hangfire.Storage;

namespace Etl.Scheduler.OnHangfire;

/// <summary>The state of a Hangfire job whose run is in the ledger and has not ended. It holds no thread.</summary>
public sealed class InLedgerState(Run run) : IState
{
    public const string StateName = "InLedger";

    /// <summary>The set of jobs in this state, for the page and its counter.</summary>
    public const string Set = "in-ledger";

    public string Name => StateName;

    public string Reason => $"run {run.Id} of {run.Dag}{(run.Round > 1 ? $", round {run.Round}" : "")}: {run.Reason}";

    public bool IsFinal => false; // kept until it ends

    public bool IgnoreJobLoadException => false;

    public Dictionary<string, string> SerializeData() => new()
    {
        ["Dag"] = run.Dag, ["Run"] = run.Id.ToString(CultureInfo.InvariantCulture), ["Fire"] = run.Fire.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["Round"] = run.Round.ToString(CultureInfo.InvariantCulture), ["Parameters"] = run.Parameters,
    };

    public sealed class Handler : IStateHandler
    {
        public string StateName => InLedgerState.StateName;

        public void Apply(ApplyStateContext context, IWriteOnlyTransaction transaction) => transaction.AddToSet(Set, context.BackgroundJob.Id);

        public void Unapply(ApplyStateContext context, IWriteOnlyTransaction transaction) => transaction.RemoveFromSet(Set, context.BackgroundJob.Id);
    }
}

/// <summary>How a run that failed is told to Hangfire.</summary>
public sealed class RunFailedException(string message) : Exception(message)
{
    public override string ToString() => Message; // there is no stack: it failed in the ledger
}
