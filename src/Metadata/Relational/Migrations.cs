using System.Globalization;
using Etl.Contracts;

namespace Etl.Metadata.Relational;

/// <summary>One step forward of the store's tables.</summary>
/// <param name="Number">From 1, without gaps.</param>
internal sealed record Migration(int Number, string Name, IReadOnlyList<string> Statements);

/// <summary>Forward only. What was killed half-way goes on: SQLite's are one transaction each, MySQL's statements can be run again.</summary>
internal static class Migrations
{
    /// <summary>The migrations of a dialect, from its embedded <c>NNN_name.sql</c> files.</summary>
    public static IReadOnlyList<Migration> Of(string dialect)
    {
        var assembly = typeof(Migrations).Assembly;
        var prefix = $"Etl.Metadata.{dialect}.Migrations.";
        List<Migration> all = [];
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var file = resource[prefix.Length..^".sql".Length];
            all.Add(new(int.Parse(file[..3], CultureInfo.InvariantCulture), file[4..], Statements(reader.ReadToEnd())));
        }
        if (!all.Select(static migration => migration.Number).SequenceEqual(Enumerable.Range(1, all.Count)))
            throw new InvalidOperationException($"{dialect}: migrations must be numbered from 1 without gaps; found {string.Join(", ", all.Select(static migration => migration.Number))}");
        return all;
    }

    /// <summary>The statements of a script: parted by semicolons at line ends, comment lines left out.</summary>
    public static IReadOnlyList<string> Statements(string script)
    {
        var lines = script.Split('\n').Select(static line => line.TrimEnd()).Where(static line => !line.TrimStart().StartsWith("--", StringComparison.Ordinal));
        return [.. string.Join('\n', lines).Split(";\n").Select(static statement => statement.Trim().TrimEnd(';')).Where(static statement => statement.Length > 0)];
    }

    /// <summary>What is still to do.</summary>
    /// <param name="done">Numbers recorded in the store.</param>
    /// <exception cref="StoreException">The store is newer than this program.</exception>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> known, IReadOnlyCollection<int> done, string store)
    {
        if (done.Count > 0 && done.Max() > known.Count)
            throw new StoreException($"{store}: found tables of version {done.Max()}, this program knows up to {known.Count}; use the etl that wrote it, or a newer one", isTransient: false);
        return [.. known.Where(migration => !done.Contains(migration.Number))];
    }

    /// <summary>Creates the list of migrations where it is missing.</summary>
    public const string Table = "create table if not exists etl_migration (number int not null primary key, name varchar(200) not null, at bigint not null)";

    public static async Task<IReadOnlyCollection<int>> DoneAsync(Session session, CancellationToken cancel) =>
        await session.QueryAsync($"select number from etl_migration", static row => row.GetInt32(0), cancel);

    public static async Task RunAsync(Session session, Migration migration, SqlText clock, CancellationToken cancel)
    {
        foreach (var statement in migration.Statements) await session.ExecuteTextAsync(statement, cancel);
        await session.ExecuteAsync($"insert into etl_migration (number, name, at) values ({migration.Number}, {migration.Name}, {clock})", cancel);
    }
}
