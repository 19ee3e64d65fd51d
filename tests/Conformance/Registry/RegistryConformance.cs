using System.Buffers.Binary;
using Avro.Generic;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using Etl.Codecs.Avro;
using Etl.Contracts.Events;
using Etl.Topics.Registry;

namespace Etl.Tests.Conformance.Registry;

/// <summary>What our client and Confluent's serdes get from a registry, whichever serves them.</summary>
public abstract class RegistryConformance : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("etl-schemas-").FullName;
    private readonly string subject = $"registry-{Guid.NewGuid():N}-value";
    private SchemaDirectory directory = null!;

    protected Uri Endpoint { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Base address; skips where there is none.</summary>
    protected abstract Task<Uri> StartAsync();

    public async ValueTask InitializeAsync()
    {
        Endpoint = await StartAsync();
        directory = DirectoryOver(Endpoint);
    }

    public virtual ValueTask DisposeAsync()
    {
        directory?.Dispose();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_same_schema_has_one_id_however_it_is_laid_out()
    {
        int id = await directory.RegisterAsync(subject, TruckTelemetry.Schema, Cancel);
        (await directory.RegisterAsync(subject, TruckTelemetry.Schema, Cancel)).ShouldBe(id);
        using var other = DirectoryOver(Endpoint); // with an empty cache of its own
        (await other.RegisterAsync(subject, SchemaParser.Parse(TruckTelemetry.Schema).ToString(), Cancel)).ShouldBe(id);
        (await other.LatestAsync(subject, Cancel)).ShouldNotBeNull().ShouldSatisfyAllConditions(
            latest => latest.Version.ShouldBe(1), latest => latest.Id.ShouldBe(id), latest => ShouldBeSame(latest.Text, TruckTelemetry.Schema));
        (await other.SubjectsAsync(Cancel)).ShouldContain(subject);
    }

    [Fact]
    public async Task A_later_version_has_another_id_and_both_texts_are_found()
    {
        int first = await directory.RegisterAsync(subject, TruckTelemetry.Schema, Cancel);
        string wider = TruckTelemetry.Schema.Replace(
            "\"fields\": [", "\"fields\": [{\"name\": \"driver\", \"type\": [\"null\", \"string\"], \"default\": null},", StringComparison.Ordinal);
        int second = await directory.RegisterAsync(subject, wider, Cancel);
        second.ShouldNotBe(first);
        ShouldBeSame((await directory.TextOfAsync(first, Cancel)).ShouldBeOfType<SchemaLookup.Found>().Text, TruckTelemetry.Schema);
        ShouldBeSame((await directory.TextOfAsync(second, Cancel)).ShouldBeOfType<SchemaLookup.Found>().Text, wider);
        (await directory.LatestAsync(subject, Cancel))!.Version.ShouldBe(2);
    }

    [Fact]
    public async Task An_unknown_id_or_subject_is_an_answer_and_no_error()
    {
        (await directory.TextOfAsync(2_000_000_000, Cancel)).ShouldBe(new SchemaLookup.NoSuchId(2_000_000_000));
        (await directory.LatestAsync(subject, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_text_once_seen_is_found_without_the_registry()
    {
        int id = await directory.RegisterAsync(subject, TruckTelemetry.Schema, Cancel);
        await directory.TextOfAsync(id, Cancel);
        using var alone = DirectoryOver(new Uri("http://127.0.0.1:1"));
        ShouldBeSame((await alone.TextOfAsync(id, Cancel)).ShouldBeOfType<SchemaLookup.Found>().Text, TruckTelemetry.Schema);
    }

    [Fact]
    public async Task A_text_that_is_no_schema_is_refused_for_good()
    {
        var trouble = await Should.ThrowAsync<RegistryException>(() => directory.RegisterAsync(subject, """{"type": "recrod"}""", Cancel));
        trouble.IsTransient.ShouldBeFalse();
        trouble.Message.ShouldContain(subject);
    }

    [Fact]
    public async Task Confluents_serializer_writes_what_we_read_and_its_deserializer_reads_what_we_write()
    {
        string topic = subject[..^"-value".Length];
        var context = new SerializationContext(MessageComponentType.Value, topic);
        using var client = new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = Endpoint.ToString().TrimEnd('/') });
        var expected = new TruckTelemetry
        {
            TruckId = "truck-00001", Sequence = 7, Timestamp = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), EngineSpeed = 80.22, DistanceCovered = 0, FuelConsumed = 0.1,
        };
        var record = new GenericRecord((Avro.RecordSchema)Avro.Schema.Parse(TruckTelemetry.Schema));
        foreach (var (name, value) in (IEnumerable<(string, object)>)[("truck_id", expected.TruckId), ("sequence", expected.Sequence), ("timestamp", expected.Timestamp.UtcDateTime),
            ("engine_speed", expected.EngineSpeed), ("distance_covered", expected.DistanceCovered), ("fuel_consumed", expected.FuelConsumed)]) record.Add(name, value);

        byte[] theirs = await new AvroSerializer<GenericRecord>(client).SerializeAsync(record, context);
        int id = BinaryPrimitives.ReadInt32BigEndian(theirs.AsSpan(1));
        theirs[0].ShouldBe((byte)0);
        ShouldBeSame((await directory.TextOfAsync(id, Cancel)).ShouldBeOfType<SchemaLookup.Found>().Text, TruckTelemetry.Schema);
        TruckTelemetry.Decode(theirs.AsSpan(5)).Value.ShouldBe(expected);

        int ownId = await directory.RegisterAsync(subject, TruckTelemetry.Schema, Cancel);
        byte[] ours = new byte[5 + expected.EncodedBytesMax];
        BinaryPrimitives.WriteInt32BigEndian(ours.AsSpan(1), ownId);
        Array.Resize(ref ours, 5 + expected.Encode(ours.AsSpan(5)));
        ours.ShouldBe(theirs);
        var read = await new AvroDeserializer<GenericRecord>(client).DeserializeAsync(ours, isNull: false, context);
        read.ShouldBe(record);
    }

    protected SchemaDirectory DirectoryOver(Uri endpoint) => new(new() { Endpoint = endpoint, CacheFolder = folder, RequestTimeout = TimeSpan.FromSeconds(5), Attempts = 2 });

    private static void ShouldBeSame(string text, string expected) => SchemaParser.Parse(text).ToString().ShouldBe(SchemaParser.Parse(expected).ToString());
}
