using Etl.Contracts;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Says what an error of the client or a server means for whoever has to mend it. The client has repeated what may be repeated.</summary>
internal static class CassandraTrouble
{
    public static StoreException Of(DriverException error, string place, string doing)
    {
        string at = $"{place}: {doing}: ";
        return error switch
        {
            AuthenticationException => new(at + $"the server refused the user or the password ({error.Message}); check sinks.cassandra.user and password", false, error),
            UnauthorizedException => new(at + $"the user lacks a permission ({error.Message}); grant SELECT, MODIFY, CREATE and ALTER on the keyspace", false, error),
            TlsException => new(at + $"no secure connection ({error.Message}); check the certificates and the host's name", false, error),
            UnavailableException => new(at + $"too few of the nodes that keep the row are up ({error.Message}); start them, or see nodetool status", true, error),
            OverloadedException or BusyPoolException => new(at + $"the cluster does not keep up ({error.Message}); it is tried again", true, error),
            _ when IsOfSchema(error) => new(at + $"{error.Message}; the table was dropped, or its making has not reached the node yet; it is tried again", true, error),
            NoHostAvailableException => new(at + $"{error.Message}; are the nodes up, are hosts and ports right?", error.IsTransient, error),
            _ => new(at + error.Message, error.IsTransient, error),
        };
    }

    // A table that another process makes in the same moment is in the system's tables before a node takes statements for it.
    public static bool IsOfSchema(DriverException error)
    {
        string[] words = error switch
        {
            InvalidQueryException => ["does not exist", "unconfigured table", "Undefined column name"],
            ServerErrorException => ["Unknown CF", "Unknown keyspace", "Unknown table"],
            WriteFailureException or ReadFailureException => ["incompatible schema"], // of a replica
            _ => [],
        };
        return words.Any(one => error.Message.Contains(one, StringComparison.OrdinalIgnoreCase));
    }
}
