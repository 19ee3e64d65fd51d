using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Cli.Doctor;

/// <summary>Looks at every part in turn. A part that is not well hides only what hangs on it.</summary>
internal sealed class Examination(Invocation invocation)
{
    private const long DiskLow = 1_000_000_000;
    private const int ListMax = 5;

    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancel)
    {
        if (await TryAsync("data folder", () => Task.FromResult(Folder())))
        {
            Disk();
            Lock();
            TopicAccess? topics = null;
            Engine? engine = null;
            await TryAsync("broker", async () => Broker(topics = await invocation.OpenTopicsAsync(cancel), await NamesAsync(topics, cancel)));
            if (topics is not null) await TryAsync("registry", async () => new("registry", Health.Good, $"{Place(invocation.Settings.Registry.Url, topics.Servers.Registry.ToString())}, {(await topics.Directory.SubjectsAsync(cancel)).Count:N0} subjects"));
            await TryAsync("metadata", async () => await MetadataAsync(engine = await invocation.OpenEngineAsync(cancel), cancel));
            if (topics is not null && _findings.All(finding => finding.Check != "broker" || finding.Health == Health.Good)) await TopicsAsync(topics, cancel);
            if (engine is not null) await WorkAsync(engine, cancel);
        }
        return _findings;
    }

    private Finding Folder() => new("data folder", Health.Good, $"{invocation.Folder.Path} can be written to");

    private void Disk()
    {
        try
        {
            var disk = new DriveInfo(invocation.Folder.Path);
            _findings.Add(new("disk", disk.AvailableFreeSpace < DiskLow ? Health.Look : Health.Good, $"{disk.AvailableFreeSpace / 1e9:N1} GB free{(disk.AvailableFreeSpace < DiskLow ? ": make room, or choose another folder with --data DIR" : "")}"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException) { _findings.Add(new("disk", Health.Look, $"its free space cannot be told ({error.Message})")); }
    }

    private void Lock() => _findings.Add(new("lock", Health.Good, invocation.Folder.IsOwner ? "free; taken for this call" : $"held by process {invocation.Folder.Serving()?.ProcessId.ToString() ?? "unknown"}, whose servers are used"));

    private Finding Broker(TopicAccess topics, IReadOnlyList<string> names) => new("broker", Health.Good, $"{Place(invocation.Settings.Kafka.BootstrapServers, topics.Servers.Kafka)}, {names.Count:N0} topics");

    private string Place(string configured, string address) => configured.Length > 0 ? address : invocation.Folder.IsOwner ? "embedded, starts with each call" : $"embedded, served at {address}";

    private static async Task<IReadOnlyList<string>> NamesAsync(TopicAccess topics, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        return await admin.ListAsync(cancel);
    }

    private async Task<Finding> MetadataAsync(Engine engine, CancellationToken cancel)
    {
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        var skew = (await engine.Metadata.NowAsync(cancel) - invocation.Clock.GetUtcNow()).Duration();
        string place = invocation.Settings.Metadata.Store == "sqlite" ? "SQLite in the data folder" : $"MySQL, database {invocation.Settings.Metadata.Database}";
        return skew > new MetadataOptions().ClockSkewMax
            ? new("metadata", Health.Bad, $"{place}: its clock is {skew.TotalSeconds:N0} s off this machine's, commits stop: set both by a time server")
            : new("metadata", Health.Good, $"{place}, head {head}, clocks {skew.TotalSeconds:N0} s apart");
    }

    private async Task TopicsAsync(TopicAccess topics, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        foreach (var topic in Composition.Products.SelectMany(product => product.Topics))
            await TryAsync($"topic {topic.Name}", async () => await admin.FindAsync(topic.Name, cancel) is { } facts
                ? new($"topic {topic.Name}", Health.Good, $"{facts.Partitions} partitions")
                : new($"topic {topic.Name}", Health.Look, $"not there yet: `etl up` makes it, or `etl topic create {topic.Name}`"));
    }

    private async Task WorkAsync(Engine engine, CancellationToken cancel)
    {
        await TryAsync("DAGs", () =>
        {
            string[] refused = [.. Composition.Refused.Concat(engine.RefusedBySql()).Select(wrong => wrong.ToString())];
            return Task.FromResult(Listed("DAGs", refused, $"{Composition.Dags.Count} are defined, their SQL binds", "wrong, the others run; mend the file"));
        });
        foreach (var sink in engine.Sinks)
            await TryAsync($"sink {sink.Name}", async () =>
            {
                await engine.ReachAsync(sink, cancel);
                return new($"sink {sink.Name}", Health.Good, "answers");
            });
        await TryAsync("partitions", async () =>
        {
            var halted = new List<string>();
            foreach (var topic in Composition.Products.SelectMany(product => product.Topics))
                halted.AddRange((await engine.Metadata.Catalog.ProgressAsync(topic.Name, cancel)).Where(part => part.HaltReason is not null).Select(part => $"{topic.Name} partition {part.Partition}: {part.HaltReason}"));
            return Listed("partitions", halted, "none is halted", "halted");
        });
        await TryAsync("slots", async () =>
        {
            var failed = await engine.Metadata.Ledger.ListAsync(new SlotFilter { States = [SlotState.Failed] }, cancel);
            return Listed("slots", [.. failed.Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.Reason}")], "none has failed", "failed, `etl why DATASET WINDOW` tells more");
        });
    }

    private static Finding Listed(string check, IReadOnlyList<string> found, string none, string what) => found.Count == 0
        ? new(check, Health.Good, none)
        : new(check, Health.Bad, $"{found.Count:N0} {what}: {string.Join("; ", found.Take(ListMax))}{(found.Count > ListMax ? $"; and {found.Count - ListMax} more" : "")}");

    private async Task<bool> TryAsync(string check, Func<Task<Finding>> look)
    {
        try
        {
            _findings.Add(await look());
            return true;
        }
        catch (Exception error) when (error is StoreException or RegistryException or UsageException or ConflictException or IOException or UnauthorizedAccessException)
        {
            bool away = error is StoreException { IsTransient: true } or RegistryException { IsTransient: true };
            _findings.Add(new(check, away ? Health.Unreachable : Health.Bad, error.Message));
            return false;
        }
    }
}
