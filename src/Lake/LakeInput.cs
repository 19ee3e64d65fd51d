namespace Etl.Lake;

public enum DatasetKind
{
    /// <summary>Rows of a topic, found by the UTC hour of their time.</summary>
    Events,

    /// <summary>Rows of a build, found by their window's start.</summary>
    Results,
}

/// <summary>A dataset as SQL reads it: a view of its name.</summary>
public sealed record LakeInput
{
    private LakeInput(string dataset, DatasetKind kind) => (Dataset, Kind) = (dataset, kind);

    public string Dataset { get; }

    public DatasetKind Kind { get; }

    /// <summary>Events: the column of the event time (TIMESTAMPTZ). "" for results.</summary>
    public string Time { get; private init; } = "";

    /// <summary>Events: columns that name an event; of several rows with the same the newest is seen, the one of the highest (generation, offset, partition). Empty: all rows are.</summary>
    public IReadOnlyList<string> Identity { get; private init; } = [];

    public static LakeInput Events(string dataset, string time, IReadOnlyList<string>? identity = null) =>
        new(dataset, DatasetKind.Events) { Time = time, Identity = identity ?? [] };

    public static LakeInput Results(string dataset) => new(dataset, DatasetKind.Results);
}
