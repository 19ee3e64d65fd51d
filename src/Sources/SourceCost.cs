namespace Etl.Sources;

/// <summary>What a request takes from a source.</summary>
/// <param name="Calls">How many calls it is made with.</param>
/// <param name="Weight">As how many the source counts them together.</param>
public readonly record struct SourceCost(int Calls, double Weight)
{
    public static SourceCost operator +(SourceCost one, SourceCost other) => new(one.Calls + other.Calls, one.Weight + other.Weight);

    /// <summary>Of calls by their weights.</summary>
    public static SourceCost Of(IEnumerable<double> weights) => weights.Aggregate(default(SourceCost), (sum, weight) => sum + new SourceCost(1, weight));
}
