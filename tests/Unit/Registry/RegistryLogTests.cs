using Etl.Codecs.Avro;
using Etl.Embedded.Registry;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Registry;

public sealed class RegistryLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("etl-registry-").FullName;

    private string LogPath => Path.Combine(folder, "schemas.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Cut_at_any_byte_the_log_keeps_every_whole_line_and_goes_on()
    {
        using (var store = Open())
            foreach (string schema in (string[])["\"int\"", "\"long\"", "\"string\""]) store.Register("s", SchemaParser.Parse(schema));
        byte[] whole = File.ReadAllBytes(LogPath);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(LogPath, whole[..length]);
            int lines = whole.AsSpan(0, length).Count((byte)'\n');
            Open().Dispose();
            new FileInfo(LogPath).Length.ShouldBe(whole.AsSpan(0, length).LastIndexOf((byte)'\n') + 1, $"cut at {length}"); // or a shorter line would leave a rest behind it
            using (var store = Open())
            {
                store.List(Shown.Live).Count.ShouldBe(lines, $"cut at {length}");
                store.Register("s", SchemaParser.Parse("\"double\"")).Version.ShouldBe(lines + 1);
            }
            using var again = Open();
            again.List(Shown.Live).Count.ShouldBe(lines + 1, $"cut at {length}, gone on, opened again");
        }
    }

    [Fact]
    public void A_last_line_with_a_wrong_byte_is_cut_but_an_earlier_one_stops_the_start()
    {
        using (var store = Open())
            foreach (string schema in (string[])["\"int\"", "\"long\""]) store.Register("s", SchemaParser.Parse(schema));
        byte[] whole = File.ReadAllBytes(LogPath);

        byte[] lastBad = [.. whole];
        lastBad[^5] ^= 1;
        File.WriteAllBytes(LogPath, lastBad);
        using (var store = Open()) store.List(Shown.Live).Count.ShouldBe(1);

        byte[] firstBad = [.. whole];
        firstBad[20] ^= 1;
        File.WriteAllBytes(LogPath, firstBad);
        Should.Throw<InvalidDataException>(Open).Message.ShouldContain("schemas.log, line 1");
        File.ReadAllBytes(LogPath).ShouldBe(firstBad); // nothing was cut
    }

    [Fact]
    public void Every_change_is_there_again_after_opening()
    {
        using (var store = Open())
        {
            store.Register("a", SchemaParser.Parse("\"int\""));
            store.Register("a", SchemaParser.Parse("\"long\""));
            store.Register("b", SchemaParser.Parse("\"int\""));
            store.DeleteVersion("a", 1, permanent: false);
            store.DeleteVersion("a", 1, permanent: true);
            store.DeleteSubject("b", permanent: false);
        }
        using var again = Open();
        again.List(Shown.LiveAndDeleted).Select(version => (version.Subject, version.Version, version.Id, version.IsDeleted)).ShouldBe([("a", 2, 2, false), ("b", 1, 1, true)]);
        again.Register("a", SchemaParser.Parse("\"int\"")).ShouldSatisfyAllConditions(version => version.Version.ShouldBe(3), version => version.Id.ShouldBe(1));
        again.Register("b", SchemaParser.Parse("\"int\"")).Version.ShouldBe(2);
    }

    [Fact]
    public void What_was_parsed_alike_is_one_schema_and_docs_defaults_and_aliases_count()
    {
        using var store = Open();
        string[] texts =
        [
            """{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}""",
            """{ "fields": [ {"type": "int", "name": "a"} ], "name": "R", "type": "record" }""",
            """{"type":"record","name":"R","doc":"d","fields":[{"name":"a","type":"int"}]}""",
            """{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1}]}""",
            """{"type":"record","name":"R","aliases":["Q"],"fields":[{"name":"a","type":"int"}]}""",
        ];
        texts.Select(text => store.Register("s", SchemaParser.Parse(text)).Id).ShouldBe([1, 1, 2, 3, 4]);
        store.UsesOf(1).Single().Text.ShouldBe(texts[0]);
    }

    [Fact]
    public void A_full_registry_refuses_and_stays_as_it_was()
    {
        using (var store = new SubjectStore(LogPath, versionsMax: 1, new FakeTimeProvider()))
        {
            store.Register("s", SchemaParser.Parse("\"int\""));
            Should.Throw<RegistryFaultException>(() => store.Register("s", SchemaParser.Parse("\"long\""))).Message.ShouldContain("VersionsMax");
            store.Register("s", SchemaParser.Parse("\"int\"")).Version.ShouldBe(1);
        }
        File.ReadAllLines(LogPath).Length.ShouldBe(1);
    }

    private SubjectStore Open() => new(LogPath, versionsMax: 100, new FakeTimeProvider());
}
