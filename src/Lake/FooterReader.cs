using Etl.Contracts;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>Reads what a Parquet file says of itself.</summary>
internal static class FooterReader
{
    /// <returns>Rows by Parquet's own count, and our footer; null when it has none of ours.</returns>
    /// <exception cref="StoreException">The file is missing, cut or not Parquet.</exception>
    public static (long Rows, LakeFooter? Footer) Read(DuckConnection connection, string fullPath, CancellationToken cancel)
    {
        try
        {
            using var rows = connection.Fetch($"SELECT CAST(num_rows AS BIGINT) FROM parquet_file_metadata({Sql.Text(fullPath)})", cancel: cancel);
            using var found = connection.Fetch($"SELECT value FROM parquet_kv_metadata({Sql.Text(fullPath)}) WHERE key = {Sql.Text(LakeFooter.Key)}::BLOB", cancel: cancel);
            return (rows.Get<long>(0, 0), found.RowCount == 0 ? null : LakeFooter.Read(found.GetBytes(0, 0)));
        }
        catch (DuckException error) { throw new StoreException(error.Message, error.IsTransient, error); }
    }
}
