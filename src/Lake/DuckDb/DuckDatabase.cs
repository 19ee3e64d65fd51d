namespace Etl.Lake.DuckDb;

/// <summary>An in-memory DuckDB with our functions in it: <c>exact_*</c> (<see cref="ExactAggregates"/>) and <c>column_source(id)</c> (<see cref="DuckConnection.Offer"/>). Any thread may connect.</summary>
public sealed class DuckDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;
    private readonly ColumnSources _sources = new();

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DuckException">DuckDB refused a setting.</exception>
    public DuckDatabase(DuckOptions? options = null)
    {
        Options = options ?? new();
        string[] faults = [.. Options.Faults()];
        if (faults.Length > 0) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        _handle = Open(Options);
        try
        {
            using var connection = Connect();
            connection.Execute("set global TimeZone = 'UTC'");
            ExactAggregates.Register(connection.Handle);
            ColumnSourceFunction.Register(connection.Handle, _sources);
            if (Options.AllowedFolders is { } folders) connection.Execute(Lock(folders));
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>DuckDB's version, e.g. <c>v1.5.6</c>.</summary>
    public static string Version => Native.Text(Native.duckdb_library_version())!;

    public DuckOptions Options { get; }

    /// <summary>A connection of its own (about 20 µs); the tables, views and settings are shared.</summary>
    public DuckConnection Connect()
    {
        if (Native.duckdb_connect(_handle, out nint connection) != 0) throw new DuckException(DuckErrorType.Invalid, "DuckDB refused a connection to its own database");
        return new(new ConnectionHandle(connection), _sources);
    }

    /// <summary>Closes the database once the last connection is disposed.</summary>
    public void Dispose() => _handle.Dispose();

    private static DatabaseHandle Open(DuckOptions options)
    {
        Native.duckdb_create_config(out nint config);
        try
        {
            foreach (var (name, value) in options.Settings())
                if (Native.duckdb_set_config(config, name, value) != 0)
                    throw new DuckException(DuckErrorType.Invalid, $"DuckDB {Version} refuses the setting {name} = '{value}'");
            if (Native.duckdb_open_ext(null, out nint database, config, out nint error) != 0) throw DuckException.FromText(Native.TakeText(error));
            return new(database);
        }
        finally { Native.duckdb_destroy_config(ref config); }
    }

    // The order matters: after enable_external_access = false no folder can be added.
    private static string Lock(IReadOnlyList<string> folders) =>
        $"set allowed_directories = [{string.Join(", ", folders.Select(folder => Sql.Text(Path.TrimEndingDirectorySeparator(folder) + "/")))}]; set enable_external_access = false; set lock_configuration = true";
}
