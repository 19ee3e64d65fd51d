using Etl.Cli.Settings;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Cli.Doctor;

/// <summary>Whether Cassandra answers, takes the login, agrees on its schema, and keeps enough copies on nodes that are up.</summary>
internal sealed class CassandraCheck(CassandraSettings settings, TimeProvider clock, Random random) : ICheck
{
    private const string Setting = "Etl__Cassandra__ContactPoints";
    private const int NodesMax = 64;

    private static readonly Version Least = new(4, 0);

    public string Name => "cassandra";

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        var builder = Cluster.Builder(clock, random).AddContactPoints(settings.Points)
            .WithSocketOptions(new() { ConnectTimeout = Bounded.AnswerMax, RequestTimeout = Bounded.AnswerMax })
            .WithQueryOptions(new() { Consistency = Codecs.Cql.ConsistencyLevel.LocalOne });
        if (settings.LocalDatacenter.Length > 0) builder.WithLocalDatacenter(settings.LocalDatacenter);
        if (settings.User.Length > 0) builder.WithCredentials(settings.User, settings.Password.Reveal());
        if (settings.PlainTextCredentials) builder.WithPlainTextCredentials();
        if (settings.Ssl is { } ssl) builder.WithSSL(ssl);
        await using var cluster = builder.Build();
        try
        {
            await using var session = await cluster.ConnectAsync(cancel);
            return await LookAsync(cluster, session, cancel);
        }
        catch (DriverException error)
        {
            bool isOpen = false;
            foreach (string point in settings.Points) isOpen |= await PortProbe.IsOpenAsync(point, clock, cancel);
            return [Explain(error, isOpen)];
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(Cluster cluster, ISession session, CancellationToken cancel)
    {
        var nodes = cluster.AllHosts();
        List<Finding> all = [Versions($"{settings.ContactPoints}, cluster {cluster.ClusterName}", nodes, $"CQL {cluster.ProtocolVersion}"), Schemas(nodes)];
        var up = (await Task.WhenAll(nodes.Take(NodesMax).Select(async node => (Node: node, IsUp: await PortProbe.IsOpenAsync(node.Address.Address.ToString(), node.Address.Port, clock, cancel))))).ToList();
        all.Add(CassandraCopies.Nodes([.. up]));
        var replication = await ReplicationAsync(session, cancel);
        all.Add(CassandraCopies.Judge(settings, cluster.LocalDatacenter, [.. up], replication));
        if (settings.User.Length > 0) all.Add(await PermissionsAsync(session, replication is not null, cancel));
        var time = (await session.ExecuteAsync(new SimpleStatement("SELECT toTimestamp(now()) FROM system.local").SetIdempotence(true), cancel)).Rows[0].GetValue<DateTimeOffset>(0);
        all.Add(ClockSkew.Judge("cassandra clock", time, clock.GetUtcNow(), stopsAt: null));
        return all;
    }

    internal static Finding Versions(string place, IReadOnlyList<Host> nodes, string protocol)
    {
        var versions = nodes.Select(node => node.CassandraVersion).Distinct().ToList();
        string found = $"{place}, Cassandra {string.Join(" and ", versions)}, {protocol}";
        return versions.Exists(version => Version.TryParse(version.Split('-')[0], out var number) && number < Least) ? Finding.Fail("cassandra", found, $"{Least} or later", "upgrade the nodes") : Finding.Ok("cassandra", found);
    }

    internal static Finding Schemas(IReadOnlyList<Host> nodes)
    {
        const string check = "cassandra schema";
        int schemas = nodes.Select(node => node.SchemaVersion).Distinct().Count();
        return schemas > 1 ? Finding.Warn(check, $"{nodes.Count} nodes have {schemas} versions of the schema", "one", "wait a minute; if it stays, `nodetool describecluster` names the nodes: restart those that lag, or `nodetool resetlocalschema` there")
            : Finding.Ok(check, $"{nodes.Count:N0} node{(nodes.Count == 1 ? " has" : "s have")} one version");
    }

    private async Task<Finding> PermissionsAsync(ISession session, bool isKeyspaceThere, CancellationToken cancel)
    {
        string role = CassandraGrants.Quote(settings.User);
        try
        {
            if ((await ListAsync($"LIST ROLES OF {role}")).Any(one => one.GetValue<bool>("super"))) return CassandraGrants.Superuser(settings.User);
            return CassandraGrants.Judge(settings.Keyspace, isKeyspaceThere, settings.User, [.. (await ListAsync($"LIST ALL PERMISSIONS OF {role}")).Select(one => (one.GetValue<string>("resource") ?? "", one.GetValue<string>("permission") ?? ""))]);
        }
        catch (QueryValidationException) { return CassandraGrants.Unchecked; } // neither logins nor permissions are switched on

        async Task<IReadOnlyList<Row>> ListAsync(string cql) => (await session.ExecuteAsync(new SimpleStatement(cql).SetIdempotence(true), cancel)).Rows;
    }

    private async Task<IReadOnlyDictionary<string, string>?> ReplicationAsync(ISession session, CancellationToken cancel)
    {
        string keyspace = settings.Keyspace.ToLowerInvariant();
        foreach (string name in new[] { settings.Keyspace, keyspace }.Distinct())
            if ((await session.ExecuteAsync(new SimpleStatement("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", name).SetIdempotence(true), cancel)).Rows is [var row, ..]) return row.GetValue<Dictionary<string, string>>(0);
        return null;
    }

    /// <param name="isOpen">Whether somebody listens at a contact point.</param>
    internal Finding Explain(DriverException error, bool isOpen = false)
    {
        var cause = error is NoHostAvailableException { Errors: var each } && each.Values.OfType<DriverException>().FirstOrDefault(one => !one.IsTransient) is { } final ? final : error;
        return cause switch
        {
            AuthenticationException => Finding.Fail(Name, settings.User.Length == 0 ? $"{settings.ContactPoints} wants a login" : $"{settings.ContactPoints} refused the user or the password ({cause.Message.TrimEnd('.')})", "a login that it takes", "correct Etl__Cassandra__User and Etl__Cassandra__Password (or …PasswordFile)"),
            UnauthorizedException => Finding.Fail(Name, $"the user lacks a permission ({cause.Message.TrimEnd('.')})", "SELECT, MODIFY, CREATE and ALTER", $"GRANT ALL ON KEYSPACE {CassandraGrants.Named(settings.Keyspace)} TO {(settings.User.Length > 0 ? CassandraGrants.Quote(settings.User) : "the user")}"),
            TlsException => Finding.Fail(Name, $"no secure connection ({cause.Message.TrimEnd('.')})", "TLS on both sides, or on none", "correct Etl__Cassandra__Tls and …CaFile, or the node's certificate"),
            { IsTransient: false } => Finding.Fail(Name, $"{settings.ContactPoints}: {cause.Message.TrimEnd('.')}", "a Cassandra node", $"correct {Setting} (something else may listen there) and Etl__Cassandra__LocalDatacenter"),
            _ when isOpen => Finding.Away(Name, $"something listens at {settings.ContactPoints}, but does not answer as Cassandra ({cause.Message.TrimEnd('.')})", "a Cassandra node", $"correct {Setting} and Etl__Cassandra__Tls; if it is the node, it hangs or starts still"),
            _ => Finding.Away(Name, $"no node answers at {settings.ContactPoints} ({cause.Message.TrimEnd('.')})", "a running Cassandra node", $"start it, or correct {Setting}"),
        };
    }
}
