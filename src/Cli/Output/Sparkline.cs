namespace Etl.Cli.Output;

/// <summary>Numbers as a line of blocks, ▁ the least to █ the most.</summary>
public static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    public static string Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) return "";
        double least = values.Min(), range = values.Max() - least;
        return string.Concat(values.Select(value => Blocks[range == 0 ? 0 : (int)Math.Round((value - least) / range * (Blocks.Length - 1))]));
    }
}
