namespace Etl.Lake.DuckDb;

/// <summary>Kinds of errors that callers tell apart, by DuckDB's own numbers (<c>duckdb_error_type</c>).</summary>
public enum DuckErrorType
{
    /// <summary>No number was given.</summary>
    Invalid = 0,
    Conversion = 2,
    Catalog = 13,
    Parser = 14,
    Binder = 24,

    /// <summary>A file or folder: missing, unreadable, disk full.</summary>
    InputOutput = 28,
    Interrupted = 29,

    /// <summary>Our functions report their errors as this.</summary>
    InvalidInput = 32,

    /// <summary>The statement wanted more than <see cref="DuckOptions.MemoryMegabytes"/>; the process is unharmed.</summary>
    OutOfMemory = 33,

    /// <summary>Outside the allowed directories, or a setting that is locked.</summary>
    Permission = 34,
}

/// <summary>DuckDB refused or failed a statement.</summary>
/// <param name="type">DuckDB's number; values without a name in the enum occur.</param>
public sealed class DuckException(DuckErrorType type, string message) : Exception(message)
{
    public DuckErrorType Type => type;

    /// <summary>Whether the same statement may succeed later: memory may be free then, a disk or share be back. SQL that is wrong stays wrong.</summary>
    public bool IsTransient => type is DuckErrorType.OutOfMemory or DuckErrorType.InputOutput;

    /// <summary>For errors that come without a number: DuckDB's texts start with the name of the kind.</summary>
    internal static DuckException FromText(string? text)
    {
        text ??= "DuckDB gave no reason";
        int end = text.IndexOf(" Error: ", StringComparison.Ordinal);
        var type = (end < 0 ? "" : text[..end]) switch
        {
            "Conversion" => DuckErrorType.Conversion,
            "Catalog" => DuckErrorType.Catalog,
            "Parser" => DuckErrorType.Parser,
            "Binder" => DuckErrorType.Binder,
            "IO" => DuckErrorType.InputOutput,
            "INTERRUPT" => DuckErrorType.Interrupted,
            "Invalid Input" => DuckErrorType.InvalidInput,
            "Out of Memory" => DuckErrorType.OutOfMemory,
            "Permission" => DuckErrorType.Permission,
            _ => DuckErrorType.Invalid,
        };
        return new(type, text);
    }
}
