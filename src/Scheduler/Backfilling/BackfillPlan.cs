using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Backfilling;

/// <summary>The windows that a backfill queues, in their order. What is shown is what runs: the hash names it.</summary>
/// <param name="Left">Windows of the range that the policy leaves alone.</param>
/// <param name="Open">Windows that are to be done anyhow: somebody else has asked for them.</param>
/// <param name="Follow">Windows of other steps that are done if their inputs change, at most.</param>
public sealed record BackfillPlan(BackfillRequest Request, IReadOnlyList<PlannedWindow> Windows, int Left, int Open, IReadOnlyList<(string Step, int Windows)> Follow)
{
    public const int WindowsMax = 500_000;

    private const int HashLetters = 12;

    public int Units => Windows.Count == 0 ? 0 : Windows[^1].Unit;

    /// <summary>Calls of sources.</summary>
    public int Calls => Windows.GroupBy(window => window.Unit).Sum(unit => unit.First().CallsOfUnit);

    public string Hash => field ??= HashOf();

    /// <summary>By step and why, in the order of the DAG's steps.</summary>
    public IReadOnlyList<PlanLine> Lines =>
    [
        .. Windows.GroupBy(window => (window.Slot.Step, window.Why)).OrderBy(group => Place(group.Key.Step)).ThenBy(group => group.Key.Why).Select(group => new PlanLine(
            group.Key.Step, group.First().Action, group.Key.Why, group.Count(), group.Min(window => window.Slot.Window.Start), group.Max(window => window.Slot.Window.End),
            group.GroupBy(window => window.Unit).Sum(unit => unit.First().CallsOfUnit), group.Sum(window => window.RowsKnown))),
    ];

    public IReadOnlyList<BackfillWindow> ForStore() => [.. Windows.Select((window, index) => new BackfillWindow(index + 1, window.Unit, window.Slot, window.Round))];

    private int Place(string step) => Request.Dag.Steps.Select((each, index) => (each.FullName, index)).FirstOrDefault(pair => pair.FullName == step).index;

    private string HashOf()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Request.Dag.Name} {Request.From} {Request.First:O} {Request.Last:O} {Request.Policy} {Request.Order} {Request.Parameters}{(Request.Only is { } only ? $" {only.FullName}" : "")}\n");
        foreach (var window in Windows) text.Append(CultureInfo.InvariantCulture, $"{window.Unit} {window.Slot.Step} {window.Slot.Window.Start:O} {window.Slot.Key} {window.Why} {window.Round}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..HashLetters];
    }
}

/// <param name="Action">What its step does: fetch, build, check or publish.</param>
/// <param name="Why">The one policy that it falls under.</param>
/// <param name="Round">Of its slot, 0 where there is none.</param>
/// <param name="RowsKnown">Rows of its inputs that have landed; for a fetch, those it brought before.</param>
/// <param name="CallsOfUnit">Calls of a source that its unit takes together.</param>
public sealed record PlannedWindow(int Unit, SlotId Slot, string Action, BackfillPolicy Why, int Round, long RowsKnown, int CallsOfUnit = 0);

/// <summary>Windows of one step that are done for one reason.</summary>
public sealed record PlanLine(string Step, string Action, BackfillPolicy Why, int Windows, DateTimeOffset From, DateTimeOffset To, int Calls, long RowsKnown);
