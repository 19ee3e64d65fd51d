using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class SqlWordsTests
{
    [Theory]
    [InlineData("SELECT  a,\n b -- why\nFROM t;", "select a , b from t")]
    [InlineData("select/* a /* nested */ b */1", "select 1")]
    [InlineData("select 'It''s  -- A' , \"Col  X\"", "select 'It''s  -- A' , \"Col  X\"")]
    [InlineData("select $$Any  'thing'$$, $tag$ $$ $tag$", "select $$Any  'thing'$$ , $tag$ $$ $tag$")]
    [InlineData("select $1, e'a\\' B'", "select $ 1 , e'a\\' B'")]
    [InlineData("select 'open", "select 'open")]
    [InlineData("", "")]
    public void Text_that_says_the_same_reads_the_same(string sql, string normal) => new SqlWords(sql).Normal.ShouldBe(normal);

    [Theory]
    [InlineData("select 1; -- end", "select 1")]
    [InlineData("select ';' ;; ", "select ';'")]
    [InlineData("select 1; select 2", "select 1; select 2")]
    public void The_body_ends_before_closing_semicolons_and_comments(string sql, string body) => new SqlWords(sql).Body.ShouldBe(body);

    [Theory]
    [InlineData("select * from t", true)]
    [InlineData("select t.* from t", true)]
    [InlineData("select a, * exclude (b) from t", true)]
    [InlineData("select distinct * from t", true)]
    [InlineData("from t", true)]
    [InlineData("select a from (from t)", true)]
    [InlineData("select sum(columns('x.*')) from t", true)]
    [InlineData("select count(*), a * b from t", false)]
    public void Asking_for_all_columns_is_seen(string sql, bool all) => new SqlWords(sql).ReadsAllColumns.ShouldBe(all);

    [Fact]
    public void A_name_in_a_string_or_comment_is_not_mentioned()
    {
        var words = new SqlWords("select Fuel, \"engine \"\"speed\" from t where x = 'truck_id' -- sequence");
        (words.Mentions("fuel"), words.Mentions("engine \"speed"), words.Mentions("truck_id"), words.Mentions("sequence")).ShouldBe((true, true, false, false));
    }

    [FsCheck.Xunit.Property(MaxTest = 300)]
    public bool Any_text_is_read_to_its_end(string? text)
    {
        var words = new SqlWords(text ?? "");
        return new SqlWords(words.Normal).Normal.Length <= words.Normal.Length * 2 + 1 && (text ?? "").StartsWith(words.Body, StringComparison.Ordinal);
    }
}
