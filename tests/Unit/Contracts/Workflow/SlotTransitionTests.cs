using System.Text.RegularExpressions;
using Etl.Contracts.Workflow;

namespace Etl.Tests.Unit.Contracts.Workflow;

public sealed partial class SlotTransitionTests
{
    [Fact]
    public void The_drawing_in_the_docs_is_the_table_in_the_code()
    {
        var drawn = Arrow().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs/architecture.md")))
            .Select(match => (Enum.Parse<SlotState>(match.Groups[1].Value), Enum.Parse<SlotState>(match.Groups[2].Value)));
        drawn.Order().ShouldBe(SlotTransitions.All.Order());
    }

    [Fact]
    public void Every_end_state_can_be_queued_again_and_nothing_else()
    {
        foreach (var state in Enum.GetValues<SlotState>().Where(SlotTransitions.IsEnd))
            SlotTransitions.All.Where(pair => pair.From == state).Select(pair => pair.To).ShouldBe([SlotState.Queued]);
    }

    [GeneratedRegex(@"^    (\w+) --> (\w+)$", RegexOptions.Multiline)] private static partial Regex Arrow();
}
