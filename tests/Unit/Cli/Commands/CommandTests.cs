using Etl.Cli.Commands;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Commits;
using Etl.Tests.Unit.Codecs.Avro;
using Etl.Topics;

namespace Etl.Tests.Unit.Cli.Commands;

public sealed class CommandTests
{
    [Theory]
    [InlineData(0, 100, null, 10, 90, 100)]
    [InlineData(95, 100, null, 10, 95, 100)]
    [InlineData(0, 100, 5L, 10, 5, 15)]
    [InlineData(50, 100, 5L, 10, 50, 60)]
    [InlineData(0, 100, 500L, 10, 100, 100)]
    [InlineData(0, 0, null, 10, 0, 0)]
    public void A_peek_reads_no_offset_that_is_not_there(long start, long end, long? offset, int count, long from, long to) =>
        TopicPeek.RangeOf(3, start, end, offset, count).ShouldBe(new PartitionRange(3, from, to));

    [Fact]
    public void Lag_counts_what_the_topic_still_has()
    {
        var topic = new TopicFacts("T", "id", 1);
        PartitionLag.Of(topic, 0, 10, 50, null).Lag.ShouldBe(40);
        PartitionLag.Of(topic, 0, 10, 50, Landed("id", 30, null)).ShouldBe(new PartitionLag(0, 10, 30, 50, 20, 30, 0, null));
        PartitionLag.Of(topic, 0, 0, 50, Landed("id", 30, "gone")).Halt.ShouldBe("gone");
        PartitionLag.Of(topic, 0, 0, 50, Landed("another", 30, null)).Halt!.ShouldContain("made anew");
    }

    [Fact]
    public void The_check_of_generated_records_names_the_file_that_differs()
    {
        string root = Directory.CreateTempSubdirectory("etl-generate-").FullName;
        try
        {
            string events = Path.Combine(root, "src", "Contracts", "Events");
            Directory.CreateDirectory(events);
            Directory.CreateDirectory(Path.Combine(root, "schemas", "truck-telemetry"));
            File.Copy(Path.Combine(Golden.Root, "schemas", "truck-telemetry", "1.avsc"), Path.Combine(root, "schemas", "truck-telemetry", "1.avsc"));
            var terminal = new Terminal(json: true);
            SchemaGenerate.Run(terminal, root, check: true).ShouldBe(1);
            Directory.EnumerateFiles(events).ShouldBeEmpty();
            SchemaGenerate.Run(terminal, root, check: false).ShouldBe(0);
            SchemaGenerate.Run(terminal, root, check: true).ShouldBe(0);
            File.ReadAllText(Path.Combine(events, "TruckTelemetry.g.cs")).ShouldBe(File.ReadAllText(Path.Combine(Golden.Root, "src", "Contracts", "Events", "TruckTelemetry.g.cs")));
        }
        finally { Directory.Delete(root, recursive: true); }
    }

    [Fact]
    public void Generating_outside_of_the_source_tree_says_where_it_looked() => Should.Throw<NotFoundException>(() => SchemaGenerate.RootOf("/")).Message.ShouldContain("Etl.sln");

    [Fact]
    public void A_fault_of_SQL_is_one_line() => SqlCommand.OneLine("Parser Error: bad\n\nLINE 1: selec 1\n        ^").ShouldBe("Parser Error: bad");

    private static PartitionProgress Landed(string id, long next, string? halt) => new("T", id, 1, 0, next, 1, "", next, 0, halt);
}
