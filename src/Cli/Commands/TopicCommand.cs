using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Topics;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Topics: which there are, what is in them, how far they have landed.</summary>
internal static class TopicCommand
{
    internal static readonly Argument<string> NameArgument = new("name") { Description = "The topic, e.g. Truck-Data" };
    private static readonly Option<int?> PartitionsOption = new("--partitions") { Description = "How many, 1 to 1,000 (default: the setting kafka.partitions)", HelpName = "N" };

    public static Command New()
    {
        var list = new Verb("list", "Topics with their partitions and records", "etl topic list");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var create = new Verb("create", "Make a topic", "etl topic create Truck-Data --partitions 4") { NameArgument, PartitionsOption };
        create.SetAction(Invocation.Of((invocation, parsed, cancel) => CreateAsync(invocation, parsed.GetValue(NameArgument)!, parsed.GetValue(PartitionsOption), cancel)));
        var lag = new Verb("lag", "How far a topic has landed, by partition, and which partitions are halted", "etl topic lag Truck-Data") { NameArgument };
        lag.SetAction(Invocation.Of((invocation, parsed, cancel) => LagAsync(invocation, parsed.GetValue(NameArgument)!, cancel)));
        return new Verb("topic", "Topics: list, create, look into, and how far they have landed", "etl topic list") { list, create, TopicPeek.New(), lag };
    }

    /// <exception cref="NotFoundException">The topic is not there.</exception>
    public static async Task<TopicFacts> DemandAsync(TopicAdmin admin, TopicAccess topics, string name, CancellationToken cancel) => await admin.FindAsync(name, cancel)
        ?? throw new NotFoundException($"found no topic {name} at {topics.Kafka.BootstrapServers}, expected one of `etl topic list`; make it with `etl topic create {name}`");

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        invocation.MustKnowData(invocation.Settings.Kafka.BootstrapServers.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        using var admin = new TopicAdmin(topics.Kafka);
        var found = new List<(TopicFacts Facts, long Records, string Dataset)>();
        foreach (string name in await admin.ListAsync(cancel))
        {
            if (await admin.FindAsync(name, cancel) is not { } facts) continue; // deleted meanwhile
            var partitions = Enumerable.Range(0, facts.Partitions).ToList();
            long records = (await admin.OffsetsAsync(name, partitions, OffsetAt.End, cancel)).Sum(end => end.Next) - (await admin.OffsetsAsync(name, partitions, OffsetAt.Start, cancel)).Sum(start => start.Next);
            found.Add((facts, records, string.Join(", ", Composition.Dags.SelectMany(dag => dag.Steps).OfType<LandStep>().Where(step => step.Topic == name).Select(step => step.Dataset))));
        }
        invocation.Terminal.Answer(
            found.Select(topic => new { topic.Facts.Name, topic.Facts.Partitions, topic.Records, Dataset = topic.Dataset.Length > 0 ? topic.Dataset : null }),
            people =>
            {
                var table = Terminal.NewTable("topic", "partitions", "records", "lands in");
                table.Columns[1].RightAligned();
                table.Columns[2].RightAligned();
                foreach (var (facts, records, dataset) in found) table.AddRow(Markup.Escape(facts.Name), $"{facts.Partitions:N0}", $"{records:N0}", Markup.Escape(dataset));
                people.Write(table);
            });
        if (found.Count == 0) invocation.Terminal.Note("no topic yet; `etl simulate trucks` makes one with events");
        return ExitCodes.Ok;
    }

    private static async Task<int> CreateAsync(Invocation invocation, string name, int? partitions, CancellationToken cancel)
    {
        if (partitions is < 1 or > 1_000) throw new UsageException($"--partitions: found {partitions}, expected 1 to 1,000");
        if (name.Length is 0 or > 249 || name is "." or ".." || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'))
            throw new UsageException($"topic create: found the name \"{name}\", expected 1 to 249 letters, digits, '.', '_' and '-'");
        invocation.MustKnowData(invocation.Settings.Kafka.BootstrapServers.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        using var admin = new TopicAdmin(topics.Kafka);
        if (await admin.FindAsync(name, cancel) is { } there && there.Partitions != (partitions ?? there.Partitions))
            throw new ConflictException($"topic {name} has {there.Partitions} partitions, {partitions} were asked for; their number stays: another one would send keys to other partitions");
        var (topic, created) = await admin.EnsureAsync(new(name, partitions ?? (await admin.FindAsync(name, cancel))?.Partitions ?? invocation.Settings.Kafka.Partitions), cancel);
        invocation.Terminal.Answer(new { topic.Name, topic.Id, topic.Partitions, Created = created }, people => people.MarkupLine($"{Markup.Escape(topic.Name)}: {(created ? "made" : "was there already")}, {topic.Partitions:N0} partitions"));
        return ExitCodes.Ok;
    }

    private static async Task<int> LagAsync(Invocation invocation, string name, CancellationToken cancel)
    {
        invocation.MustKnowData(invocation.Settings.Kafka.BootstrapServers.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        var engine = await invocation.OpenEngineAsync(cancel);
        using var admin = new TopicAdmin(topics.Kafka);
        var facts = await DemandAsync(admin, topics, name, cancel);
        var landed = (await engine.Metadata.Catalog.ProgressAsync(name, cancel)).ToDictionary(part => part.Partition);
        var partitions = Enumerable.Range(0, facts.Partitions).ToList();
        var starts = await admin.OffsetsAsync(name, partitions, OffsetAt.Start, cancel);
        var ends = await admin.OffsetsAsync(name, partitions, OffsetAt.End, cancel);
        var rows = starts.Zip(ends, (start, end) => PartitionLag.Of(facts, start.Partition, start.Next, end.Next, landed.GetValueOrDefault(start.Partition))).ToList();
        invocation.Terminal.Answer(new { Topic = name, Lag = rows.Sum(row => row.Lag), Halted = rows.Count(row => row.Halt is not null), Partitions = rows }, people => Draw(people, name, rows));
        foreach (var row in rows.Where(row => row.Halt is not null)) invocation.Terminal.Note($"[red]halted[/] {Markup.Escape(name)} partition {row.Partition}: {Markup.Escape(row.Halt!)}");
        return ExitCodes.Ok;
    }

    private static void Draw(IAnsiConsole people, string name, IReadOnlyList<PartitionLag> rows)
    {
        var table = Terminal.NewTable("partition", "start", "landed up to", "end", "lag", "landed", "rejected", "state");
        foreach (var column in table.Columns.Take(7)) column.RightAligned();
        foreach (var row in rows)
            table.AddRow($"{row.Partition}", $"{row.Start:N0}", $"{row.Next:N0}", $"{row.End:N0}", $"{row.Lag:N0}", $"{row.Landed:N0}", $"{row.Rejected:N0}", row.Halt is not null ? "[red]halted[/]" : row.Lag > 0 ? "[yellow]behind[/]" : "[green]up to date[/]");
        people.Write(table);
        people.MarkupLine($"{Markup.Escape(name)}: {rows.Sum(row => row.Lag):N0} records to land");
    }
}

/// <summary>How far one partition has landed.</summary>
/// <param name="Start">Offset of the oldest record that the topic still has.</param>
/// <param name="Next">Offset that landing reads next.</param>
/// <param name="End">Offset of the next record to come.</param>
/// <param name="Halt">null while it goes on; else why it does not.</param>
internal sealed record PartitionLag(int Partition, long Start, long Next, long End, long Lag, long Landed, long Rejected, string? Halt)
{
    public static PartitionLag Of(TopicFacts topic, int partition, long start, long end, PartitionProgress? stored)
    {
        if (stored is null) return new(partition, start, 0, end, end - start, 0, 0, null);
        string? halt = stored.HaltReason ?? (stored.TopicId.Length > 0 && stored.TopicId != topic.Id ? $"found topic id {topic.Id}, landed was {stored.TopicId}: the topic was made anew; the next run halts it" : null);
        return new(partition, start, stored.Next, end, Math.Max(0, end - Math.Max(start, stored.Next)), stored.Landed, stored.Rejected, halt);
    }
}
