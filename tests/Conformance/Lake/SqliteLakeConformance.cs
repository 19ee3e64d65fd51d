using Etl.Metadata;
using Etl.Metadata.Sqlite;

namespace Etl.Tests.Conformance.Lake;

public sealed class SqliteLakeConformance : LakeConformance, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-store-").FullName;
    private int _stores;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override Task<IMetadata> OpenEmptyAsync() => SqliteMetadata.OpenAsync(Path.Combine(_folder, $"{++_stores}.db"), TimeProvider.System);
}
