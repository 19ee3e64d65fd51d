using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>A step's output as the lake reads it.</summary>
public static class LakeInputs
{
    public static LakeInput Of(DatasetStep step) => step is LandStep land ? LakeInput.Events(land.Dataset, land.Time, land.Identity) : LakeInput.Results(step.Dataset);

    /// <summary>What the step's SQL may use; null where it shares what all use.</summary>
    public static SqlMemory? MemoryOf(Step step) => step.Limits.MemoryMegabytes is { } memory ? new(memory, step.FullName) : null;
}
