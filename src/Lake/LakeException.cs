using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>What a statement over the lake failed of; the step runner makes the failure's class of it.</summary>
public enum LakeFault
{
    /// <summary>Nothing was landed or built under that name.</summary>
    UnknownDataset,

    /// <summary>The SQL is wrong, or uses what is refused.</summary>
    Sql,

    /// <summary>Columns are not as declared: a key or time column is missing, a type cannot be kept.</summary>
    Contract,

    /// <summary>Rows break a rule: two with one key, a key that is NULL, a value that does not convert.</summary>
    Data,
}

/// <summary>SQL, its declared shape, or the rows it met are wrong: trying again gives the same.</summary>
public sealed class LakeException(LakeFault fault, string message, Exception? inner = null) : WorkException(fault == LakeFault.Data ? FailureClass.Data : FailureClass.Contract, message, inner)
{
    public LakeFault Fault => fault;

    /// <summary>Turns DuckDB's error into one of the kinds that callers know.</summary>
    internal static Exception From(DuckException error, string doing) => error.Type switch
    {
        DuckErrorType.InputOutput when error.Message.Contains("No space left", StringComparison.Ordinal) =>
            new DiskException($"{doing}: {error.Message.TrimEnd('.')}. Free space on that disk, then run again: the work goes on where it stopped", isTransient: true, error),
        DuckErrorType.InputOutput or DuckErrorType.OutOfMemory or DuckErrorType.Permission => new StoreException($"{doing}: {error.Message}", error.IsTransient, error),
        DuckErrorType.Conversion or DuckErrorType.InvalidInput => new LakeException(LakeFault.Data, $"{doing}: {error.Message}", error),
        _ => new LakeException(LakeFault.Sql, $"{doing}: {error.Message}", error),
    };
}
