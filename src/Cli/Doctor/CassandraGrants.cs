namespace Etl.Cli.Doctor;

/// <summary>Reads what <c>LIST ALL PERMISSIONS</c> tells of a user and the roles it has.</summary>
internal static class CassandraGrants
{
    private const string Check = "cassandra permissions";

    /// <summary>Of a keyspace that is there: rows are written and read, tables made and widened.</summary>
    private static readonly string[] Needed = ["SELECT", "MODIFY", "CREATE", "ALTER"];

    /// <summary>Who makes a keyspace is given all on it.</summary>
    private static readonly string[] NeededToMake = ["CREATE"];

    public static Finding Unchecked { get; } = Finding.Ok(Check, "the cluster checks none");

    public static Finding Superuser(string user) => Finding.Ok(Check, $"{user} is a superuser, who may all");

    /// <param name="granted">A line each; resources as <c>&lt;keyspace analytics&gt;</c>.</param>
    public static Finding Judge(string keyspace, bool isThere, string user, IReadOnlyList<(string Resource, string Permission)> granted)
    {
        string[] covering = isThere ? ["<all keyspaces>", $"<keyspace {keyspace}>", $"<all tables in {keyspace}>"] : ["<all keyspaces>"], needed = isThere ? Needed : NeededToMake;
        string[] missing = [.. needed.Where(one => !granted.Any(grant => grant.Permission == one && covering.Contains(grant.Resource)))];
        string expected = string.Join(", ", needed), on = isThere ? $"KEYSPACE {Named(keyspace)}" : "ALL KEYSPACES";
        return missing.Length == 0
            ? Finding.Ok(Check, isThere ? $"{user} has {expected} on {keyspace}" : $"{user} may make {keyspace}")
            : Finding.Fail(Check, isThere ? $"on {keyspace} the user {user} lacks {string.Join(", ", missing)}" : $"{keyspace} is not there, and the user {user} may not make it", expected, string.Join(" ", missing.Select(one => $"GRANT {one} ON {on} TO {Quote(user)};")));
    }

    /// <summary>A keyspace's name as CQL takes it: unquoted it would be read in small letters.</summary>
    public static string Named(string keyspace) => keyspace.Any(char.IsAsciiLetterUpper) ? $"\"{keyspace}\"" : keyspace;

    /// <summary>A role's name as CQL takes it in any spelling.</summary>
    public static string Quote(string role) => $"'{role.Replace("'", "''", StringComparison.Ordinal)}'";
}
