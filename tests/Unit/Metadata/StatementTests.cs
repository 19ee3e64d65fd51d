using Etl.Metadata.Relational;

namespace Etl.Tests.Unit.Metadata;

public sealed class StatementTests
{
    [Fact]
    public void Holes_become_parameters_and_never_text()
    {
        var name = "'; drop table etl_slot; --";
        Statement statement = $"select {1} where name = {name} and note = {(string?)null}{new SqlText(" for update")}";
        statement.Render().ShouldBe("select @p0 where name = @p1 and note = @p2 for update");
        statement.Values.ShouldBe([1L, name, null]);
    }

    [Fact]
    public void A_dialects_value_is_a_parameter_and_its_words_are_text()
    {
        Statement statement = $"select {new SqlText("", 42L)}, {new SqlText("now()")}";
        statement.Render().ShouldBe("select @p0, now()");
        statement.Values.ShouldBe([42L]);
    }

    [Fact]
    public void A_list_is_padded_so_that_few_texts_are_prepared()
    {
        long[] three = [1, 2, 3];
        Statement statement = $"id in ({three})";
        statement.Render().ShouldBe("id in (@p0,@p1,@p2,@p3)");
        statement.Values.ShouldBe([1L, 2L, 3L, 3L]);
        Should.Throw<ArgumentException>(() => { Statement _ = $"id in ({Array.Empty<long>()})"; });
    }

    [Fact]
    public void Statements_join_with_their_values_in_order()
    {
        var joined = Statement.Join("; ", [new Statement().Add($"a = {1}"), new Statement().Add($"b = {"two"} and c"), new Statement().Add($"d")]);
        joined.Render().ShouldBe("a = @p0; b = @p1 and c; d");
        joined.Values.ShouldBe([1L, "two"]);
    }
}
