using System.Buffers;
using Etl.Codecs.Avro;
using Etl.Contracts.Events;

namespace Etl.Tests.Unit.Codecs.Avro.Generation;

public sealed class GeneratedRecordTests
{
    private static readonly DateTimeOffset Instant = new DateTimeOffset(2026, 11, 25, 13, 14, 15, TimeSpan.FromHours(2)).AddTicks(1234560);

    private static TruckTelemetry Truck => new() { TruckId = "truck-0007", Sequence = 12_345, Timestamp = Instant, EngineSpeed = 80.1, DistanceCovered = 0.1, FuelConsumed = 1e308 };

    [Fact]
    public void A_truck_record_is_read_back_as_it_was_written()
    {
        byte[] bytes = new byte[Truck.EncodedBytesMax];
        int length = Truck.Encode(bytes);
        length.ShouldBe(1 + 10 + 3 + 8 + 24);
        var read = TruckTelemetry.Decode(bytes.AsSpan(0, length));
        read.Problem.ShouldBeNull();
        read.Value.ShouldBe(Truck);

        var output = new ArrayBufferWriter<byte>();
        Truck.Encode(output);
        output.WrittenSpan.SequenceEqual(bytes.AsSpan(0, length)).ShouldBeTrue();
    }

    [Fact]
    public void A_cut_truck_record_is_a_fault_with_its_field_and_offset()
    {
        byte[] bytes = new byte[Truck.EncodedBytesMax];
        int length = Truck.Encode(bytes);
        for (int cut = 0; cut < length; cut++) TruckTelemetry.Decode(bytes.AsSpan(0, cut)).Fault.ShouldBe(DecodeFault.EndOfData);
        TruckTelemetry.Decode(bytes.AsSpan(0, 12)).Problem.ShouldBe(new DecodeProblem(DecodeFault.EndOfData, 11, "sequence", ""));
        TruckTelemetry.Decode(bytes.AsSpan(0, length + 1)).Fault.ShouldBe(DecodeFault.TrailingData);
    }

    [Fact]
    public void A_time_beyond_NET_is_a_fault_and_no_exception()
    {
        byte[] bytes = [.. "\u0002t\u0000"u8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, .. new byte[24]];
        var problem = TruckTelemetry.Decode(bytes).Problem.ShouldNotBeNull();
        (problem.Fault, problem.Path).ShouldBe((DecodeFault.OutOfRange, "timestamp"));
    }

    [Fact]
    public void A_destination_too_short_is_refused() => Should.Throw<ArgumentException>(() => Truck.Encode(new byte[20]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_of_every_kind_is_read_back_as_it_was_written(bool full)
    {
        var record = Everything(full);
        byte[] bytes = new byte[record.EncodedBytesMax];
        int length = record.Encode(bytes);
        var read = Generation.Everything.Decode(bytes.AsSpan(0, length));
        read.Problem.ShouldBeNull();
        byte[] again = new byte[bytes.Length];
        read.Value!.Encode(again).ShouldBe(length);
        again.ShouldBe(bytes);
        (read.Value with { ByName = record.ByName }).ShouldBeEquivalentTo(record); // Shouldly compares a map's lists by reference; the bytes have shown them equal
    }

    [Fact]
    public void A_cut_record_of_every_kind_is_always_a_fault()
    {
        var record = Everything(full: true);
        byte[] bytes = new byte[record.EncodedBytesMax];
        int length = record.Encode(bytes);
        for (int cut = 0; cut < length; cut++) Generation.Everything.Decode(bytes.AsSpan(0, cut)).IsDone.ShouldBeFalse($"cut at {cut}");
    }

    private static Everything Everything(bool full) => new()
    {
        Flag = full, Int = full ? int.MinValue : 0, EverythingValue = full ? long.MinValue : 0, Value = 0.1f, D = double.MinValue, RawBytes = full ? [0, 1, 255] : [],
        Text = full ? new string('ß', 30) + "😀" : "", Hash = [1, 2, 3, 4], Mode = full ? Mode.Default : Mode.On,
        AtMillis = Whole(Instant, 10_000), AtMicros = full ? DateTimeOffset.MinValue : Instant, AtNanos = Instant,
        LocalMillis = new(1969, 12, 31, 23, 59, 59, 999), LocalMicros = new DateTime(1, 1, 1).AddTicks(10), LocalNanos = new DateTime(1969, 12, 31, 23, 59, 59).AddTicks(9_999_999),
        Day = full ? DateOnly.MaxValue : DateOnly.MinValue, TimeMillis = new(23, 59, 59, 999), TimeMicros = new(0, 0, 0, 1, 2),
        Price = full ? -1_234_567_890_123_456.7891m : 0.1000m, PriceFixed = full ? 123_456_789_012_345_678.91m : -0.01m,
        Id = new("01234567-89ab-cdef-0123-456789abcdef"), IdFixed = new("01234567-89ab-cdef-0123-456789abcdef"), Span = new byte[12],
        Note = full ? "note" : null, Count = full ? 3 : null, MaybeMode = full ? Mode.Off : null, Tags = new List<string>(full ? ["a", "", "ccc"] : []),
        Points = new List<Point>(full ? [PointOf(1, null), PointOf(2, "l", PointOf(3, "deep"))] : []),
        ByName = full ? new() { ["k"] = new List<int?> { 1, null, -3 }, [""] = new List<int?>() } : new Dictionary<string, IReadOnlyList<int?>>(),
        Center = full ? PointOf(5, "c") : null,
        Modes = full ? new Dictionary<string, Mode> { ["m"] = Mode.Off } : null,
    };

    private static Point PointOf(double x, string? label, params Point[] children) => new() { X = x, Label = label, Children = new List<Point>(children) };

    private static DateTimeOffset Whole(DateTimeOffset instant, long ticks) => new(instant.UtcTicks - instant.UtcTicks % ticks, TimeSpan.Zero);
}
