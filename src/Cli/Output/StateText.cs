using Etl.Contracts.Workflow;

namespace Etl.Cli.Output;

/// <summary>States as one letter-wide cell and as a word, the same colour for both; each cell is told from the others without colour too.</summary>
internal static class StateText
{
    public static string Cell(SlotState state) => state switch
    {
        SlotState.Done => "[green]■[/]",
        SlotState.Running => "[blue]▶[/]",
        SlotState.Queued => "[blue]○[/]",
        SlotState.Waiting => "[grey]·[/]",
        SlotState.Retrying => "[yellow]↻[/]",
        SlotState.Failed => "[red]✗[/]",
        SlotState.Skipped => "[grey]−[/]",
        _ => "[grey]/[/]",
    };

    public const string Legend = "■ done ▶ running ○ queued · waiting ↻ retrying ✗ failed − skipped / cancelled";

    public static string Word(RunState state) => $"[{(state switch { RunState.Done => "green", RunState.Failed => "red", RunState.Cancelled => "grey", _ => "blue" })}]{state.ToString().ToLowerInvariant()}[/]";

    public static string Word(SlotState state) => $"[{(state switch { SlotState.Done => "green", SlotState.Failed => "red", SlotState.Retrying => "yellow", SlotState.Running or SlotState.Queued => "blue", _ => "grey" })}]{state.ToString().ToLowerInvariant()}[/]";
}
