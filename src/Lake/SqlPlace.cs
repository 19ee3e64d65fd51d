using Etl.Contracts;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>What the SQL of one window may use of memory.</summary>
/// <param name="Megabytes">In MB (10⁶ bytes), 64 to 1,000,000.</param>
/// <param name="Step">Who is limited, for the error.</param>
public sealed record SqlMemory(int Megabytes, string Step);

/// <summary>Where one window's SQL runs: on the database that all share, or on one of its own, whose memory is its own too.</summary>
internal sealed class SqlPlace : IDisposable
{
    private readonly DuckDatabase? _own;
    private readonly string _limit;
    private readonly string _mend;

    private SqlPlace(DuckDatabase database, DuckDatabase? own, string limit, string mend) => (Connection, _own, _limit, _mend) = (database.Connect(), own, limit, mend);

    public DuckConnection Connection { get; }

    public static SqlPlace On(DuckDatabase shared) => new(shared, null, $"the {shared.Options.MemoryMegabytes:N0} MB that all SQL of the process shares", "raise Lake:MemoryMegabytes, or give heavy steps a limit of their own");

    /// <param name="lake">How the lake's own database is opened.</param>
    public static SqlPlace OfItsOwn(DuckOptions lake, SqlMemory memory)
    {
        // Two databases must not spill into one folder: DuckDB's names are the same in each.
        string? spill = lake.SpillFolder is { } folder ? Path.Combine(folder, $"{Guid.NewGuid():n}") : null;
        DuckDatabase own;
        try { own = new(lake with { MemoryMegabytes = memory.Megabytes, SpillFolder = spill }); }
        catch (DuckException error) { throw LakeException.From(error, $"opening a database of {memory.Megabytes:N0} MB for {memory.Step}"); }
        return new(own, own, $"{memory.Megabytes:N0} MB, the memory limit of step {memory.Step}", $"raise Within(new() {{ MemoryMegabytes = … }}) of {memory.Step}");
    }

    /// <summary>DuckDB's error as one of the kinds that callers know.</summary>
    public Exception Explain(DuckException error, string doing) => error.Type != DuckErrorType.OutOfMemory ? LakeException.From(error, doing)
        : new StoreException($"{doing}: found SQL that wants more memory than {_limit}; let it keep less at a time (fewer groups, no list() or string_agg() over all rows), or {_mend}. {error.Message.ReplaceLineEndings("\n").Split('\n')[0]}", error.IsTransient, error);

    public void Dispose()
    {
        Connection.Dispose();
        if (_own is null) return;
        string? spill = _own.Options.SpillFolder;
        _own.Dispose();
        try
        {
            if (spill is not null && Directory.Exists(spill)) Directory.Delete(spill, recursive: true);
        }
        catch (IOException) { } // empty by now; a folder that stays harms nobody
    }
}
