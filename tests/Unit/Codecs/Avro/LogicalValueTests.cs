using Etl.Codecs.Avro;

namespace Etl.Tests.Unit.Codecs.Avro;

public sealed class LogicalValueTests
{
    [Theory]
    [InlineData("0", 4, 2, "00")]
    [InlineData("0.01", 4, 2, "01")]
    [InlineData("-0.01", 4, 2, "ff")]
    [InlineData("1.28", 4, 2, "0080")]
    [InlineData("-1.28", 4, 2, "80")]
    [InlineData("12", 4, 2, "04b0")]
    [InlineData("79228162514264337593543950335", 29, 0, "00ffffffffffffffffffffffff")]
    [InlineData("-79228162514264337593543950335", 29, 0, "ff000000000000000000000001")]
    public void A_decimal_is_the_shortest_twos_complement_and_read_back(string text, int precision, int scale, string hex)
    {
        decimal value = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        byte[] bytes = LogicalValues.DecimalBytesOf(value, precision, scale);
        Convert.ToHexStringLower(bytes).ShouldBe(hex);
        LogicalValues.TryDecimal(bytes, scale, out decimal read).ShouldBeTrue();
        read.ShouldBe(value);
        read.Scale.ShouldBe((byte)scale);
        LogicalValues.TryDecimal(LogicalValues.DecimalFixedOf(value, precision, scale, 16), scale, out read).ShouldBeTrue();
        read.ShouldBe(value);
    }

    [Theory]
    [InlineData("0.001", 4, 2)] // a third digit behind the point
    [InlineData("100", 4, 2)] // five digits
    public void A_decimal_of_more_digits_than_its_type_is_refused(string text, int precision, int scale) =>
        Should.Throw<ArgumentException>(() => LogicalValues.DecimalBytesOf(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture), precision, scale));

    [Fact]
    public void A_decimal_past_96_bits_is_no_NET_decimal()
    {
        LogicalValues.TryDecimal(Convert.FromHexString("01000000000000000000000000"), 0, out _).ShouldBeFalse();
        LogicalValues.TryDecimal(new byte[100], 0, out _).ShouldBeFalse();
    }

    [Fact]
    public void An_instant_before_1970_is_cut_towards_the_past()
    {
        var instant = DateTimeOffset.UnixEpoch.AddTicks(-1);
        LogicalValues.MillisOf(instant).ShouldBe(-1);
        LogicalValues.MicrosOf(instant).ShouldBe(-1);
        LogicalValues.NanosOf(instant).ShouldBe(-100);
        LogicalValues.TryInstantOfNanos(-1, out var read).ShouldBeTrue();
        read.ShouldBe(instant);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 9)]
    [InlineData(8, 18)]
    [InlineData(16, 38)]
    [InlineData(32, 76)]
    public void A_fixed_decimal_holds_so_many_digits(int bytes, int digits) => LogicalType.DigitsOf(bytes).ShouldBe(digits);

    [Fact]
    public void A_uuid_has_the_bytes_of_its_text()
    {
        LogicalValues.TryUuid(Convert.FromHexString("0123456789abcdef0123456789abcdef"), out var uuid).ShouldBeTrue();
        uuid.ShouldBe(new Guid("01234567-89ab-cdef-0123-456789abcdef"));
        LogicalValues.TryUuid("01234567-89ab-cdef-0123-456789abcdef", out uuid).ShouldBeTrue();
        LogicalValues.TryUuid("{01234567-89ab-cdef-0123-456789abcdef}", out _).ShouldBeFalse();
    }
}
