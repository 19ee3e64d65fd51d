using System.Globalization;

namespace Etl.Benchmarks;

/// <summary>One measurement: a class of its own in a folder of its own, listed in <see cref="Benches.All"/>.</summary>
public interface IBench
{
    /// <summary>What it is called by: lower case, words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string Description { get; }

    /// <summary>Unit of the main value, e.g. <c>ns/record</c>.</summary>
    string Unit { get; }

    /// <summary>What the main value must reach.</summary>
    Bar Bar { get; }

    /// <summary>Measures. Says how often it measured and which of the values it returns: the best of N unless stated.</summary>
    /// <exception cref="BenchUnavailableException">Something it needs is not there (a server, a variable).</exception>
    Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel);
}

/// <summary>A limit that a value must keep: included on both sides.</summary>
public sealed record Bar(double Limit, bool AtMost)
{
    public static Bar Most(double limit) => new(limit, true);

    public static Bar Least(double limit) => new(limit, false);

    public bool Holds(double value) => AtMost ? value <= Limit : value >= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(AtMost ? "≤" : "≥")} {Limit:#,0.###}");
}

/// <summary>What a bench came to.</summary>
/// <param name="Value">The main value, in the bench's unit.</param>
public sealed record BenchFigure(double Value)
{
    /// <summary>What was measured beside it; those with a bar must keep it too.</summary>
    public IReadOnlyList<Measure> Measures { get; init; } = [];

    /// <summary>How it was measured: sizes, counts, versions, how many turns and which of them counts.</summary>
    public IReadOnlyDictionary<string, object> Settings { get; init; } = new Dictionary<string, object>();

    public bool Holds(Bar bar) => bar.Holds(Value) && Measures.All(measure => measure.Bar?.Holds(measure.Value) ?? true);
}

/// <summary>A value beside the main one.</summary>
/// <param name="Bar">null: for information.</param>
public sealed record Measure(string Name, double Value, string Unit, Bar? Bar = null);

/// <summary>How to measure.</summary>
public sealed record BenchSettings
{
    /// <summary>Turns of which the best counts, 1 or more.</summary>
    public int Turns { get; init; } = 7;

    /// <summary>Size of the data as a share of the bench's own, above 0: below 1 for a quick look, whose result is not kept.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Seed of whatever is random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What one bench alone understands, by key.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    /// <summary>So many, scaled, at least 1.</summary>
    public int Scaled(int count) => (int)Math.Max(1, count * Scale);
}

/// <summary>A bench cannot run here; the message says what is missing and how to provide it.</summary>
public sealed class BenchUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
