using System.Net;

namespace Etl.Codecs.Cql;

/// <summary>Codes of an ERROR.</summary>
public enum CqlErrorCode
{
    Server = 0x0000,
    Protocol = 0x000A,
    BadCredentials = 0x0100,
    Unavailable = 0x1000,
    Overloaded = 0x1001,
    Bootstrapping = 0x1002,
    Truncate = 0x1003,
    WriteTimeout = 0x1100,
    ReadTimeout = 0x1200,
    ReadFailure = 0x1300,
    FunctionFailure = 0x1400,
    WriteFailure = 0x1500,
    CdcWriteFailure = 0x1600,
    CasWriteUnknown = 0x1700,
    Syntax = 0x2000,
    Unauthorized = 0x2100,
    Invalid = 0x2200,
    Configuration = 0x2300,
    AlreadyExists = 0x2400,
    Unprepared = 0x2500,
}

/// <summary>An ERROR with what its code adds; what the code does not have is empty.</summary>
public sealed record ErrorMessage(CqlErrorCode Code, string Text)
{
    public ConsistencyLevel Consistency { get; private init; }

    /// <summary>Replicas that answered; of <see cref="CqlErrorCode.Unavailable"/> those alive.</summary>
    public int Received { get; private init; }

    /// <summary>Replicas that the consistency asks for.</summary>
    public int Required { get; private init; }

    /// <summary>Replicas that failed.</summary>
    public int Failures { get; private init; }

    /// <summary>Version 5: which replicas failed, and why, as the server's numbers.</summary>
    public IReadOnlyDictionary<IPAddress, int> Reasons { get; private init; } = new Dictionary<IPAddress, int>();

    /// <summary>Whether the replica asked for the data itself answered.</summary>
    public bool DataPresent { get; private init; }

    /// <summary>SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC.</summary>
    public string WriteType { get; private init; } = "";

    public string Keyspace { get; private init; } = "";

    /// <summary>The table or function.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The prepared statement that the server does not know.</summary>
    public byte[] StatementId { get; private init; } = [];

    /// <param name="version">Of the envelope: the answer to a wrong version comes in another one.</param>
    public static ErrorMessage Read(ref CqlReader reader, byte version)
    {
        var error = new ErrorMessage((CqlErrorCode)reader.Int(), reader.String());
        switch (error.Code)
        {
            case CqlErrorCode.Unavailable:
                var level = Level(ref reader);
                int required = reader.Int();
                return error with { Consistency = level, Required = required, Received = reader.Int() };
            case CqlErrorCode.WriteTimeout:
                error = Counts(error, ref reader);
                return error with { WriteType = reader.String() };
            case CqlErrorCode.ReadTimeout:
                error = Counts(error, ref reader);
                return error with { DataPresent = reader.Byte() != 0 };
            case CqlErrorCode.CasWriteUnknown:
                return Counts(error, ref reader);
            case CqlErrorCode.ReadFailure:
                error = Reasoned(Counts(error, ref reader), ref reader, version);
                return error with { DataPresent = reader.Byte() != 0 };
            case CqlErrorCode.WriteFailure:
                error = Reasoned(Counts(error, ref reader), ref reader, version);
                return error with { WriteType = reader.String() };
            case CqlErrorCode.FunctionFailure or CqlErrorCode.AlreadyExists:
                string keyspace = reader.String();
                return error with { Keyspace = keyspace, Name = reader.String() };
            case CqlErrorCode.Unprepared:
                return error with { StatementId = reader.ShortBytes() };
            default:
                return error;
        }
    }

    private static ErrorMessage Counts(ErrorMessage error, ref CqlReader reader)
    {
        var level = Level(ref reader);
        int received = reader.Int();
        return error with { Consistency = level, Received = received, Required = reader.Int() };
    }

    // Version 4 has a count where version 5 has addresses and reasons.
    private static ErrorMessage Reasoned(ErrorMessage error, ref CqlReader reader, byte version)
    {
        int count = reader.Int();
        if (version < 5) return error with { Failures = count };
        var reasons = new Dictionary<IPAddress, int>();
        count = reader.Count(count, 7);
        for (int i = 0; i < count && !reader.Failed; i++)
            if (reader.Address() is { } address) reasons[address] = reader.Short();
        return error with { Failures = count, Reasons = reasons };
    }

    private static ConsistencyLevel Level(ref CqlReader reader) => (ConsistencyLevel)reader.Short();
}
