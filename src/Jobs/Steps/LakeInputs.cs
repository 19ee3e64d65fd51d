using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>A step's output as the lake reads it.</summary>
public static class LakeInputs
{
    public static LakeInput Of(DatasetStep step) => step is LandStep land ? LakeInput.Events(land.Dataset, land.Time, land.Identity) : LakeInput.Results(step.Dataset);
}
