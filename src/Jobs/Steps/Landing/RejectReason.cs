namespace Etl.Jobs.Steps.Landing;

/// <summary>Why landing refuses records, apart from the names of <see cref="Codecs.Avro.DecodeFault"/>. Names are stored: they do not change.</summary>
public static class RejectReason
{
    /// <summary>No value at all: an event was expected, a deletion came.</summary>
    public const string NoValue = nameof(NoValue);

    /// <summary>The registry knows no schema of the id in the record.</summary>
    public const string UnknownSchemaId = nameof(UnknownSchemaId);

    /// <summary>The registry's text for the id is not a schema of Avro.</summary>
    public const string UnreadableSchema = nameof(UnreadableSchema);

    /// <summary>NaN or infinite where a measurement was expected.</summary>
    public const string NotFinite = nameof(NotFinite);

    /// <summary>No event time.</summary>
    public const string TimeMissing = nameof(TimeMissing);

    /// <summary>An event time outside what the dataset accepts.</summary>
    public const string TimeNotAccepted = nameof(TimeNotAccepted);
}
