using Etl.Codecs.Columns;
using Etl.Sinks;

namespace Etl.Tests.Unit.Sinks;

public sealed class PublishedTextTests
{
    [Theory]
    [InlineData("-12.30", 2, "-12.30")]
    [InlineData("12.3000", 2, "12.30")]
    [InlineData("12", 2, "12.00")]
    [InlineData("0.0000000001", 10, "0.0000000001")]
    [InlineData("-0.5", 1, "-0.5")]
    [InlineData("99999999999999999999999999999999999999", 0, "99999999999999999999999999999999999999")]
    public void A_decimal_keeps_its_digits_and_takes_the_results_scale(string text, int scale, string expected) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{PublishedText.ReadDecimal(text, scale)}").ShouldBe(expected);

    [Fact]
    public void A_decimal_is_dotnets_up_to_96_bits_and_text_above()
    {
        PublishedText.ReadDecimal("79228162514264337593543950335", 0).ShouldBe(decimal.MaxValue);
        PublishedText.ReadDecimal("79228162514264337593543950336", 0).ShouldBe("79228162514264337593543950336");
    }

    [Theory]
    [InlineData(0, "1970-01-01 00:00:00")]
    [InlineData(1, "1970-01-01 00:00:00.000001")]
    [InlineData(-1, "1969-12-31 23:59:59.999999")]
    [InlineData(500_000, "1970-01-01 00:00:00.500000")]
    public void An_instant_is_written_so_that_it_is_read_back_and_orders_as_text(long micros, string expected)
    {
        byte[] text = new byte[SqlText.InstantBytesMax];
        System.Text.Encoding.ASCII.GetString(text, 0, SqlText.WriteInstant(micros, "at", text)).ShouldBe(expected);
        PublishedText.Read(expected, ColumnType.Of(ColumnKind.Timestamp)).ShouldBe(DateTimeOffset.UnixEpoch.AddTicks(micros * 10));
    }

    [Theory]
    [InlineData(0, "00:00:00")]
    [InlineData(86_399_999_999, "23:59:59.999999")]
    [InlineData(86_400_000_000, "24:00:00")]
    public void A_time_of_day_reaches_24_hours(long micros, string expected)
    {
        byte[] text = new byte[SqlText.InstantBytesMax];
        System.Text.Encoding.ASCII.GetString(text, 0, SqlText.WriteTime(micros, text)).ShouldBe(expected);
        PublishedText.Read(expected, ColumnType.Of(ColumnKind.Time)).ShouldBe(new TimeOnly(Math.Min(micros, 86_399_999_999) * 10));
    }
}
