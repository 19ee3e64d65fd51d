using Etl.Contracts;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Etl.Sinks.Sqlite;

/// <summary>Says what SQLite's codes mean for whoever has to mend it.</summary>
internal static class SqliteTrouble
{
    public static StoreException Of(SqliteException error, string path, string doing)
    {
        string place = $"sqlite {path}: {doing}: ";
        string found = error.Message;
        return error.SqliteErrorCode switch
        {
            SQLITE_BUSY or SQLITE_LOCKED => new(place + "another process is writing the file for longer than the busy timeout; it is tried again", true, error),
            SQLITE_FULL => new(place + "the disk is full (or the database's size limit is reached); make room, then run again", false, error),
            SQLITE_READONLY => new(place + "the file or its folder is read-only; make both writable for this user (WAL needs the folder too)", false, error),
            SQLITE_CANTOPEN => new(place + "cannot open or create the file; expected a path to a file in a folder this user may write", false, error),
            SQLITE_NOTADB => new(place + "the file is not a SQLite database; name another path", false, error),
            SQLITE_CORRUPT => new(place + "the file is damaged; move it away, results are published again from the lake", false, error),
            SQLITE_IOERR => new(place + $"the disk failed ({found}); look at the disk and its free space", false, error),
            SQLITE_PERM or SQLITE_AUTH => new(place + "no permission; give this user read and write on the file and its folder", false, error),
            SQLITE_TOOBIG => new(place + "a text is longer than SQLite takes (1,000,000,000 bytes); cut it in the SQL", false, error),
            _ => new(place + found, false, error),
        };
    }
}
