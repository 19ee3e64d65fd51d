using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Etl.Cli.Settings;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Wire;
using Etl.Contracts.Commits;
using Etl.Contracts.Events;
using Etl.Jobs.Steps.Landing;
using Etl.Jobs.Trucks;

namespace Etl.Tests.EndToEnd;

/// <summary>Records that cannot be events: kept with bytes, place and reason, while the good ones beside them go on.</summary>
public sealed class RejectTests
{
    private const string OtherSchema = """{"type":"record","name":"Other","fields":[{"name":"words","type":"string"}]}""";

    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 2, hours: 1, startHour: 12) with { MeanGap = TimeSpan.FromSeconds(20) });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_bad_record_is_kept_with_bytes_place_and_reason_and_the_batch_goes_on()
    {
        await using var world = await World.OpenAsync();
        int id = await world.Topics.Schemas.RegisterAsync<TruckTelemetry>(TrucksDag.Topic, Cancel);
        int other = await world.Topics.Schemas.RegisterAsync("Others", OtherSchema, Cancel);
        byte[] good = Framed(id, Encoded(_events[0]));
        var bad = new (byte[]? Value, string Reason, string Detail)[]
        {
            (null, RejectReason.NoValue, "found a record without value, expected an event"),
            ([], nameof(DecodeFault.EndOfData), "found no byte"),
            ([7, .. good[1..]], nameof(DecodeFault.InvalidFrame), "found byte 7, expected 0"),
            ([0, 0, 0], nameof(DecodeFault.EndOfData), "expected a schema id"),
            (Framed(987_654, Encoded(_events[0])), RejectReason.UnknownSchemaId, "schema id 987654: the registry has none such"),
            (good[..^3], nameof(DecodeFault.EndOfData), "fuel_consumed"),
            ([.. good, 1, 2], nameof(DecodeFault.TrailingData), $"schema id {id}"),
            (Framed(id, Encoded(_events[0] with { EngineSpeed = double.NaN })), RejectReason.NotFinite, "engine_speed is NaN"),
            (Framed(id, Encoded(_events[0] with { FuelConsumed = double.NegativeInfinity })), RejectReason.NotFinite, "fuel_consumed is -Infinity"),
            (Framed(id, Encoded(_events[0] with { Timestamp = new(1, 1, 1, 0, 0, 0, TimeSpan.Zero) })), RejectReason.TimeNotAccepted, "timestamp is 0001-01-01"),
            (Framed(id, Encoded(_events[0] with { Timestamp = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero) })), RejectReason.TimeNotAccepted, "timestamp is 9999-12-31"),
            (Framed(other, [6, (byte)'a', (byte)'b', (byte)'c']), nameof(DecodeFault.Unresolvable), $"schema id {other}"),
            ([9, .. new byte[99_999]], nameof(DecodeFault.InvalidFrame), "first 65,536 of 100,000 bytes are kept"),
        };
        await world.ProduceAsync(_events[..100]);
        var places = await ProduceAsync(world, bad.Select(record => record.Value));
        await world.ProduceAsync(_events[100..]);

        var report = await world.RunAsync();
        (report.Landed, report.Rejected).ShouldBe((_events.Count, bad.Length));
        (await world.LandedAsync()).ShouldBe((_events.Count, bad.Length));
        await world.ShouldHoldExactlyAsync(_events);
        var kept = (await world.Store.Catalog.RejectsAsync(World.Events.Dataset, 1_000, Cancel)).Select(stored => stored.Reject).ToDictionary(reject => (reject.Partition, reject.Offset));
        kept.Count.ShouldBe(bad.Length);
        foreach (var ((value, reason, detail), place) in bad.Zip(places))
        {
            var reject = kept[place];
            (reject.Dataset, reject.Topic, reject.Reason).ShouldBe((World.Events.Dataset, TrucksDag.Topic, reason), reject.Detail);
            reject.Detail.ShouldContain(detail);
            reject.Detail.ShouldNotContain(reason, Case.Sensitive, "the reason is told beside it");
            Encoding.UTF8.GetString(reject.Key).ShouldBe("bad");
            reject.Bytes.ShouldBe((value ?? [])[..Math.Min(value?.Length ?? 0, Reject.BytesMax)]);
        }
    }

    [Fact]
    public async Task Batches_with_nothing_but_rejects_move_on_and_good_records_after_them_land()
    {
        await using var world = await World.OpenAsync(new EtlSettings { Land = new LandSettings { RecordsPerBatch = 10 } });
        await world.ProduceRawAsync(Enumerable.Range(0, 60).Select(number => ($"key {number}", new byte[] { 1, (byte)number })));
        var nothing = await world.RunAsync();
        (nothing.Read, nothing.Landed, nothing.Rejected, nothing.Built).ShouldBe((60, 0, 60, 0));
        await world.ProduceAsync(_events);
        (await world.RunAsync()).Landed.ShouldBe(_events.Count);
        (await world.LandedAsync()).ShouldBe((_events.Count, 60));
        await world.ShouldHoldExactlyAsync(_events);
    }

    [Fact]
    public async Task More_rejects_than_a_batch_may_hold_are_all_kept_by_smaller_batches()
    {
        const int Bad = 2 * LandOptions.RejectsPerBatch + 5_000;
        await using var world = await World.OpenAsync();
        await world.ProduceAsync(_events[..50]);
        await world.ProduceRawAsync(Enumerable.Range(0, Bad).Select(number => ($"key {number % 100}", BitConverter.GetBytes(~number)))); // no byte 0 in front: ~number ends in 0 for 255 only
        await world.ProduceAsync(_events[50..]);
        var report = await world.RunAsync();
        (report.Landed, report.Rejected).ShouldBe((_events.Count, Bad));
        (await world.LandedAsync()).ShouldBe((_events.Count, Bad));
        await world.ShouldHoldExactlyAsync(_events);
        var kept = await world.Store.Catalog.RejectsAsync(World.Events.Dataset, 2 * Bad, Cancel);
        kept.Select(stored => BitConverter.ToInt32(stored.Reject.Bytes)).Order().ShouldBe(Enumerable.Range(0, Bad).Select(number => ~number).Order());
    }

    [Fact]
    public async Task A_raw_message_from_kcat_ends_in_the_rejects_and_kcat_reads_what_the_simulator_made()
    {
        if (!await CanKcatAsync()) Assert.Skip("kcat was not found on PATH; install it (apt-get install kcat) to judge the embedded broker by it");
        await using var world = await World.OpenAsync();
        await world.ProduceAsync(_events);
        await KcatAsync("hello from kcat", "-P", "-b", world.Servers.Kafka, "-t", TrucksDag.Topic, "-p", "2");
        string keys = await KcatAsync("", "-C", "-b", world.Servers.Kafka, "-t", TrucksDag.Topic, "-e", "-q", "-f", "%k %S\n");
        keys.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .ShouldBe(_events.Select(report => $"{report.TruckId} {WireFormat.HeadBytes + Encoded(report).Length}").Append($" {"hello from kcat".Length}").Order(StringComparer.Ordinal));

        (await world.RunAsync()).Rejected.ShouldBe(1);
        var reject = (await world.Store.Catalog.RejectsAsync(null, 10, Cancel)).ShouldHaveSingleItem().Reject;
        (Encoding.UTF8.GetString(reject.Bytes), reject.Partition, reject.Reason).ShouldBe(("hello from kcat", 2, nameof(DecodeFault.InvalidFrame)));
        await world.ShouldHoldExactlyAsync(_events);
    }

    /// <summary>Sends values, null for none, all to one partition.</summary>
    /// <returns>Where each went.</returns>
    private static async Task<List<(int Partition, long Offset)>> ProduceAsync(World world, IEnumerable<byte[]?> values)
    {
        using var producer = new ProducerBuilder<string, byte[]?>(new ProducerConfig { BootstrapServers = world.Servers.Kafka }).Build();
        var places = new List<(int, long)>();
        foreach (byte[]? value in values)
        {
            var delivered = await producer.ProduceAsync(TrucksDag.Topic, new() { Key = "bad", Value = value }, Cancel);
            places.Add((delivered.Partition.Value, delivered.Offset.Value));
        }
        return places;
    }

    private static byte[] Encoded(TruckTelemetry report)
    {
        byte[] bytes = new byte[report.EncodedBytesMax];
        return bytes[..report.Encode(bytes)];
    }

    private static byte[] Framed(int id, byte[] datum)
    {
        byte[] bytes = new byte[WireFormat.HeadBytes + datum.Length];
        datum.CopyTo(bytes, WireFormat.WriteHead(bytes, id));
        return bytes;
    }

    private static async Task<bool> CanKcatAsync()
    {
        try { return (await KcatAsync("", "-V")).Contains("librdkafka", StringComparison.Ordinal); }
        catch (System.ComponentModel.Win32Exception) { return false; }
    }

    private static async Task<string> KcatAsync(string input, params IEnumerable<string> arguments)
    {
        using var kcat = Process.Start(new ProcessStartInfo("kcat", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = kcat.StandardError.ReadToEndAsync(Cancel);
        await kcat.StandardInput.WriteAsync(input);
        kcat.StandardInput.Close();
        string output = await kcat.StandardOutput.ReadToEndAsync(Cancel);
        await kcat.WaitForExitAsync(Cancel);
        kcat.ExitCode.ShouldBe(0, await errors);
        return output;
    }
}
