using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;
using Etl.Tests.Unit.Codecs.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>What goes over the wire comes back, against a real Cassandra: each protocol version, with compression and without.</summary>
public abstract class CqlValuesConformance(CqlWorld world)
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected CqlWorld World => world;

    protected ISession Session => world.Session;

    [Fact]
    public async Task Every_value_of_the_vectors_goes_to_the_server_and_back()
    {
        _ = Session;
        await world.ExecuteAsync($"CREATE TYPE {world.Keyspace}.u (x int, y text)");
        var vectors = CqlGolden.Lines("types.tsv").Select(line => (Type: line[0].Replace("p.u", $"{world.Keyspace}.u", StringComparison.Ordinal), Literal: line[1], Hex: line[2])).ToList();
        var types = vectors.Select(vector => vector.Type).Distinct().ToList();
        string table = await world.TableAsync($"id int PRIMARY KEY, {string.Join(", ", types.Select((type, i) => $"c{i} {type}"))}");
        for (int id = 0; id < vectors.Count; id++)
        {
            var (type, literal, hex) = vectors[id];
            string column = $"c{types.IndexOf(type)}";
            var insert = await Session.PrepareAsync($"INSERT INTO {table} (id, {column}) VALUES (?, ?)", Cancel);
            var bound = insert.Variables[1].Type;
            await Session.ExecuteAsync(insert.Bind(id, CqlLiteral.Read(bound, literal)), Cancel);
            await Session.ExecuteAsync(new SimpleStatement($"INSERT INTO {table} (id, {column}) VALUES ({id + 1000}, {literal})"), Cancel);
            var select = await Session.PrepareAsync($"SELECT {column} FROM {table} WHERE id = ?", Cancel);
            foreach (int key in (int[])[id, id + 1000])
            {
                var row = (await Session.ExecuteAsync(select.Bind(key), Cancel)).Rows.ShouldHaveSingleItem();
                Convert.ToHexStringLower(row.GetBytes(0)).ShouldBe(hex, $"{type} {literal}");
                row.Columns[0].Type.ShouldBe(bound);
            }
        }
        types.Count.ShouldBeGreaterThan(25);
    }

    [Fact]
    public async Task Null_deletes_and_unset_leaves()
    {
        string table = await world.TableAsync("k int PRIMARY KEY, a text, b int");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, a, b) VALUES (?, ?, ?)", Cancel);
        await Session.ExecuteAsync(insert.Bind(1, "kept", 5), Cancel);
        await Session.ExecuteAsync(insert.Bind(1, Unset.Value, null), Cancel);
        var row = (await world.ExecuteAsync($"SELECT a, b FROM {table}")).Rows[0];
        (row.GetValue<string>("a"), row.GetValue<int?>("b"), row["b"]).ShouldBe(("kept", null, null));
        await Session.ExecuteAsync(insert.Bind(1), Cancel); // missing ones are unset
        (await world.ExecuteAsync($"SELECT a FROM {table}")).Rows[0].GetValue<string>("a").ShouldBe("kept");
        (await Should.ThrowAsync<InvalidQueryException>(() => Session.ExecuteAsync(insert.Bind(Unset.Value, "x"), Cancel))).Message.ShouldContain("unset");
    }

    [Fact]
    public async Task Values_larger_than_a_segment_go_both_ways()
    {
        string table = await world.TableAsync("k int PRIMARY KEY, v blob");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, v) VALUES (?, ?)", Cancel);
        var random = new Random(5);
        foreach (int size in (int[])[0, 131_000, 131_071, 300_000, 3_000_000])
        {
            byte[] value = new byte[size];
            random.NextBytes(value.AsSpan(0, size / 2));
            await Session.ExecuteAsync(insert.Bind(size, value), Cancel);
            (await world.ExecuteAsync($"SELECT v FROM {table} WHERE k = ?", size)).Rows[0].GetValue<byte[]>(0).ShouldBe(value);
        }
        var error = await Should.ThrowAsync<DriverException>(() => Session.ExecuteAsync(insert.Bind(1, new byte[17_000_000]), Cancel));
        error.ShouldBeOfType<InvalidQueryException>(error.Message);
        (await world.ExecuteAsync("SELECT key FROM system.local")).Rows.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Collections_users_types_and_tuples_are_bound_as_objects()
    {
        string table = await world.TableAsync("k int PRIMARY KEY, m map<text, int>, l list<double>, t tuple<int, text>");
        var insert = await Session.PrepareAsync($"INSERT INTO {table} (k, m, l, t) VALUES (?, ?, ?, ?)", Cancel);
        await Session.ExecuteAsync(insert.Bind(1, new Dictionary<string, int> { ["b"] = 2, ["a"] = 1 }, new[] { 1.5, -2 }, (7, "x")), Cancel);
        var row = (await world.ExecuteAsync($"SELECT * FROM {table}")).Rows[0];
        row.GetValue<Dictionary<string, int>>("m").ShouldBe(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 });
        row.GetValue<double[]>("l").ShouldBe([1.5, -2]);
        row.GetValue<object?[]>("t").ShouldBe([7, "x"]);
        await Session.ExecuteAsync(insert.Bind(1, new Dictionary<string, int>(), Array.Empty<double>(), null), Cancel);
        (await world.ExecuteAsync($"SELECT m, l FROM {table}")).Rows[0].IsNull("m").ShouldBeTrue("an empty collection reads as null");
    }
}
