namespace Etl.Lake;

/// <summary>What a snapshot reads of one dataset.</summary>
/// <param name="Version">Of the newest of its files: the commit that added it; null where there is none.</param>
/// <param name="Rows">As landed or built, in the window; of events those of the UTC hours that it meets, before the newest per identity is taken.</param>
public sealed record LakeRead(string Dataset, int Files, long? Version, long Rows);
