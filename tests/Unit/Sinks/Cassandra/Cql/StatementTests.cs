using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Unit.Sinks.Cassandra.Cql;

/// <summary>What is bound, as bytes.</summary>
public sealed class StatementTests
{
    private static readonly PreparedStatement Insert = new("insert into k.t (a, b, c) values (?, ?, ?)", new([1, 2], [], [Column("a", CqlTypeCode.Text), Column("b", CqlTypeCode.Int), Column("c", CqlTypeCode.Double)], [0], []));

    [Fact]
    public void Null_unset_and_missing_values_are_told_apart()
    {
        Hex(Insert.Bind("x", null, Unset.Value)).ShouldBe("0000000178" + "ffffffff" + "fffffffe");
        Hex(Insert.Bind("x")).ShouldBe("0000000178" + "fffffffe" + "fffffffe");
        Hex(Insert.Bind("", 7, 1.5)).ShouldBe("00000000" + "0000000400000007" + "000000083ff8000000000000");
        Should.Throw<ArgumentException>(() => Insert.Bind("x", "y")).Message.ShouldContain("value 2 (b): found String (y), which does not go into int");
        Should.Throw<ArgumentException>(() => Insert.Bind(1, 2, 3, 4)).Message.ShouldContain("4 values for 3 variables");
    }

    [Fact]
    public void The_writing_way_makes_the_same_bytes()
    {
        var bound = Insert.Bind((Name: "x", Number: 7), static (values, row) =>
        {
            values.Text(row.Name);
            values.Int(row.Number);
        });
        Hex(bound).ShouldBe(Hex(Insert.Bind("x", 7)));
        bound.Routing.ShouldBe(("k", Murmur3Token.Of("x"u8)));
    }

    [Fact]
    public void A_batch_written_straight_is_the_batch_of_bound_statements_and_may_be_filled_again()
    {
        var one = new BatchStatement().Add(Insert.Bind("x", 1, 2.5)).Add(Insert.Bind("x", 2, null));
        var other = new BatchStatement();
        for (int turn = 0; turn < 2; turn++)
        {
            other.Clear();
            other.Add(Insert, 1, static (values, number) => Write(values, number, 2.5)).Add(Insert, 2, static (values, number) => Write(values, number, null));
            Encoded(other).ShouldBe(Encoded(one));
            (other.Count, other.Bytes).ShouldBe((2, one.Bytes));
            other.Routing.ShouldBe(one.Routing);
        }
        static void Write(ValueWriter values, int number, double? measure)
        {
            values.Text("x");
            values.Int(number);
            if (measure is { } value) values.Double(value);
            else values.Null();
        }
    }

    [Fact]
    public void A_row_that_fails_to_be_written_leaves_the_batch_as_it_was()
    {
        var batch = new BatchStatement().Add(Insert.Bind("x", 1, 2.5));
        string before = Encoded(batch);
        Should.Throw<FormatException>(() => batch.Add(Insert, 0, static (values, _) => throw new FormatException()));
        Should.Throw<ArgumentException>(() => batch.Add(Insert, 0, static (values, _) =>
        {
            for (int i = 0; i < 4; i++) values.Int(i);
        }));
        Encoded(batch).ShouldBe(before);
    }

    [Fact]
    public void A_batch_is_idempotent_where_all_in_it_is()
    {
        var again = new PreparedStatement(Insert.Cql, new([1], [], Insert.Variables, [0], [])).SetIdempotence(true);
        new BatchStatement().Add(again.Bind("x")).IsIdempotentByDefault.ShouldBe(true);
        new BatchStatement().Add(again.Bind("x")).Add(Insert.Bind("x")).IsIdempotentByDefault.ShouldBeNull();
        new BatchStatement().Add(Insert.Bind("x")).SetIdempotence(true).IsIdempotentByDefault.ShouldBe(true);
    }

    [Fact]
    public void Parameters_are_written_where_the_versions_want_them()
    {
        using var writer = new CqlWriter();
        var parameters = new QueryParameters(ConsistencyLevel.LocalQuorum, ConsistencyLevel.LocalSerial, 0x1122334455667788, 100, [0xAA], true);
        CqlRequest.Execute(writer, 5, [1, 2], [3], parameters, [], 0);
        Convert.ToHexStringLower(writer.Written[9..]).ShouldBe("00020102" + "000103" + "0006" + "0000003e" + "00000064" + "00000001aa" + "0009" + "1122334455667788");
        writer.Clear();
        CqlRequest.Execute(writer, 4, [1, 2], [3], parameters with { PagingState = null, SkipMetadata = false }, [0, 0, 0, 0], 1);
        Convert.ToHexStringLower(writer.Written[9..]).ShouldBe("00020102" + "0006" + "35" + "000100000000" + "00000064" + "0009" + "1122334455667788");
    }

    [Fact]
    public void Statements_that_change_a_connection_are_refused() =>
        Should.Throw<ArgumentException>(() => new SimpleStatement(" USE k")).Message.ShouldContain("keyspace.table");

    [Fact]
    public void Rows_that_end_too_early_are_refused_and_nulls_are_not_empty_text()
    {
        ColumnSpec[] columns = [Column("a", CqlTypeCode.Text), Column("b", CqlTypeCode.Int)];
        byte[] bytes = Convert.FromHexString("00000000" + "ffffffff" + "0000000178" + "0000000400000007");
        var page = new RowPage(bytes, 2, columns);
        Row first = new(page, 0), second = new(page, 1);
        (first.IsNull("a"), first.GetValue<string>("a"), first.GetValue<int?>("b"), first["b"]).ShouldBe((false, "", null, null));
        (second.GetValue<string>(0), second.GetValue<int>(1)).ShouldBe(("x", 7));
        Should.Throw<InvalidCastException>(() => first.GetValue<int>("b")).Message.ShouldContain("column b is null");
        Should.Throw<ArgumentException>(() => first.IsNull("z")).Message.ShouldContain("a, b");
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Should.Throw<InvalidDataException>(() => new RowPage(cut, 2, columns));
        }
        Should.Throw<InvalidDataException>(() => new RowPage(bytes, int.MaxValue, columns));
    }

    private static ColumnSpec Column(string name, CqlTypeCode code) => new("k", "t", name, CqlType.Of(code));

    private static string Hex(BoundStatement bound) => Convert.ToHexStringLower(bound.Values);

    private static string Encoded(Statement statement)
    {
        using var writer = new CqlWriter();
        statement.Encode(writer, 4, new(ConsistencyLevel.One));
        return Convert.ToHexStringLower(writer.Written);
    }
}
