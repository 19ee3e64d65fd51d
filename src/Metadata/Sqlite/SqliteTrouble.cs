using Etl.Metadata.Relational;
using Microsoft.Data.Sqlite;

namespace Etl.Metadata.Sqlite;

/// <summary>What SQLite's errors mean, and how to mend them.</summary>
internal static class SqliteTrouble
{
    private const int Busy = 5, Locked = 6, OutOfMemory = 7, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    public static Trouble Judge(SqliteException exception, string path, TimeSpan patience) => exception.SqliteErrorCode switch
    {
        Busy or Locked => Final(true, $"metadata {path}: found it locked by another process for {patience.TotalSeconds:0.#} s; wait for that process, or stop it"),
        ReadOnly => Final(false, $"metadata {path}: found it read-only, expected to write; mend the rights of the file and its folder"),
        Full => Final(false, $"metadata {path}: the disk is full; free some space, nothing of the last change was kept"),
        CannotOpen => Final(false, $"metadata {path}: cannot open it; expected a file in a folder that this user may write to"),
        NotADatabase => Final(false, $"metadata {path}: found a file that is no SQLite database; move it away, or choose another folder with --data"),
        Corrupt => Final(false, $"metadata {path}: found it damaged ({exception.Message}); restore it from a backup"),
        InputOutput => Final(false, $"metadata {path}: the disk failed to read or write ({exception.Message}); check the disk"),
        OutOfMemory => Final(true, $"metadata {path}: SQLite ran out of memory; free some"),
        _ => Final(false, $"metadata {path}: SQLite refused ({exception.SqliteErrorCode}, {exception.SqliteExtendedErrorCode}): {exception.Message}"),
    };

    private static Trouble Final(bool isTransient, string message) => new(TroubleKind.Final, isTransient, message);
}
