using System.Net;

namespace Etl.Codecs.Cql;

/// <summary>What a server tells by itself, on stream −1. Hints only: late, early, twice, or lost.</summary>
/// <param name="Type">TOPOLOGY_CHANGE, STATUS_CHANGE or SCHEMA_CHANGE.</param>
/// <param name="Change">NEW_NODE, REMOVED_NODE, UP, DOWN; empty for a change of the schema.</param>
/// <param name="Node">The node that it is about; null for a change of the schema.</param>
public sealed record EventMessage(string Type, string Change, IPEndPoint? Node, SchemaChange? Schema)
{
    public const string Topology = "TOPOLOGY_CHANGE", Status = "STATUS_CHANGE", SchemaType = "SCHEMA_CHANGE";

    public static EventMessage Read(ref CqlReader reader)
    {
        string type = reader.String();
        return type == SchemaType ? new(type, "", null, SchemaChange.Read(ref reader)) : new(type, reader.String(), reader.Inet(), null);
    }
}
