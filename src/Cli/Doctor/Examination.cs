using Etl.Cli.Hosting;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Metadata;
using Etl.Topics;

namespace Etl.Cli.Doctor;

/// <summary>Looks at every part in turn. A part that is not well hides only what hangs on it.</summary>
internal sealed class Examination(Invocation invocation)
{
    private const int ListMax = 5;

    private static readonly TimeSpan WorkMax = TimeSpan.FromMinutes(2);

    private readonly List<Finding> _findings = [];

    private static IEnumerable<DeclaredTopic> Topics => Composition.Products.SelectMany(product => product.Topics);

    private Settings.EtlSettings Settings => invocation.Settings;

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancel)
    {
        bool hasFolder = await TryAsync("data folder", _ => Task.FromResult<IReadOnlyList<Finding>>([Finding.Ok("data folder", $"{invocation.Folder.Path} can be written to")]), Bounded.ServerMax, cancel);
        if (hasFolder)
        {
            await TryAsync(new DiskCheck(invocation.Folder.Path), cancel);
            await TryAsync(SyncCheck.Of(invocation.Folder.Path, invocation.Clock), cancel);
            _findings.Add(Finding.Ok("lock", invocation.Folder.IsOwner ? "free; taken for this call" : $"held by process {invocation.Folder.Serving()?.ProcessId.ToString() ?? "unknown"}, whose servers are used"));
        }
        _findings.AddRange(Settings.Warnings().Select(warning => Finding.Warn("settings", warning)));

        TopicAccess? topics = null;
        bool isConfigured = Settings.Kafka.BootstrapServers.Length > 0 && Settings.Registry.Url.Length > 0;
        if (hasFolder) await TryAsync(isConfigured ? "client settings" : "embedded servers", async either => { topics = await invocation.OpenTopicsAsync(either); return []; }, WorkMax, cancel);
        var kafka = new KafkaCheck(Kafka(topics), topics is not null && Settings.Kafka.BootstrapServers.Length == 0 ? Embedded(topics.Servers.Kafka) : null, invocation.Clock);
        var servers = await ServersAsync(topics, kafka, cancel);
        foreach (var found in servers.Values) _findings.AddRange(found);

        Engine? engine = null;
        bool hasMySql = !Fails(servers, "mysql"), needsMySql = Settings.Metadata.Store == "mysql";
        if (hasFolder && (hasMySql || !needsMySql))
            await TryAsync("metadata", async either => [await MetadataAsync(engine = await invocation.OpenEngineAsync(either), either)], WorkMax, cancel);
        if (topics is not null && kafka.Brokers > 0) await TopicsAsync(topics, kafka.Brokers, engine, cancel);
        if (engine is not null) await WorkAsync(engine, cancel);
        return _findings;
    }

    private static bool Fails(IReadOnlyDictionary<string, IReadOnlyList<Finding>> servers, string server) => servers.TryGetValue(server, out var found) && found.Any(finding => finding.Check == server && finding.Health == Health.Fail);

    /// <summary>Asks all servers at once, each for so long at most: several that are away cost no more than one.</summary>
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<Finding>>> ServersAsync(TopicAccess? topics, KafkaCheck kafka, CancellationToken cancel)
    {
        List<ICheck> checks = [];
        if (Settings.Kafka.BootstrapServers.Length > 0 || topics is not null) checks.Add(kafka);
        var address = topics?.Servers.Registry ?? (Settings.Registry.Url.Length > 0 ? new Uri(Settings.Registry.Url) : null);
        if (address is { } registry)
            checks.Add(new RegistryCheck(registry, Settings.Registry.Login, Settings.Registry.Url.Length == 0 ? Embedded(registry.ToString()) : null, [.. Topics.Select(topic => topic.Subject)], () => new SocketsHttpHandler()));
        if (Settings.MySql.IsSet)
        {
            bool isStore = Settings.Metadata.Store == "mysql";
            checks.Add(new MySqlCheck(Settings.MySql, isStore ? [Settings.MySql.Database, Settings.Metadata.Database] : [Settings.MySql.Database], isStore ? new MetadataOptions().ClockSkewMax : null, invocation.Clock));
        }
        if (Settings.Cassandra.IsSet) checks.Add(new CassandraCheck(Settings.Cassandra, invocation.Clock, new Random(Environment.ProcessId)));
        var found = await Task.WhenAll(checks.Select(check => Bounded.LookAsync(check, Bounded.ServerMax, invocation.Clock, cancel)));
        return checks.Zip(found).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    private KafkaOptions Kafka(TopicAccess? topics)
    {
        var options = topics?.Kafka ?? new KafkaOptions { BootstrapServers = Settings.Kafka.BootstrapServers, Settings = Settings.Kafka.ClientSettings };
        return options with { RequestTimeout = options.RequestTimeout < Bounded.AnswerMax ? options.RequestTimeout : Bounded.AnswerMax };
    }

    private string Embedded(string address) => invocation.Folder.IsOwner ? "embedded, starts with each call" : $"embedded, served at {address}";

    private async Task<Finding> MetadataAsync(Engine engine, CancellationToken cancel)
    {
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        string place = Settings.Metadata.Store == "sqlite" ? "SQLite in the data folder" : $"MySQL, database {Settings.Metadata.Database}";
        var clock = ClockSkew.Judge("metadata", await engine.Metadata.NowAsync(cancel), invocation.Clock.GetUtcNow(), new MetadataOptions().ClockSkewMax);
        return clock with { Found = clock.Health == Health.Ok ? $"{place}, head {head}" : $"{place}: {clock.Found}" };
    }

    private async Task TopicsAsync(TopicAccess topics, int brokers, Engine? engine, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(Kafka(topics));
        foreach (var topic in Topics)
        {
            var check = new TopicCheck(topic.Name, admin, Settings.Kafka.Partitions, brokers);
            await TryAsync(check, cancel);
            if (check.Condition is not { } condition || engine is null) continue;
            await TryAsync($"retention {topic.Name}", async either =>
            {
                IReadOnlyList<PartitionProgress> landed = await engine.Metadata.Catalog.ProgressAsync(topic.Name, either);
                return await new RetentionCheck(condition, admin, landed, invocation.Clock).LookAsync(either);
            }, Bounded.ServerMax, cancel);
        }
    }

    private async Task WorkAsync(Engine engine, CancellationToken cancel)
    {
        await TryAsync("DAGs", _ =>
        {
            string[] refused = [.. Composition.Refused.Concat(engine.RefusedBySql()).Select(wrong => wrong.ToString())];
            return Task.FromResult<IReadOnlyList<Finding>>([Listed("DAGs", refused, $"{Composition.Dags.Count} are defined, their SQL binds", "wrong, the others run", "mend the file")]);
        }, WorkMax, cancel);
        foreach (var sink in engine.Sinks.Where(sink => sink.Name == Etl.Jobs.Sinks.Sqlite)) // the servers' were asked, and their sinks would make what is missing
            await TryAsync($"sink {sink.Name}", async either =>
            {
                await engine.ReachAsync(sink, either);
                return [Finding.Ok($"sink {sink.Name}", "answers")];
            }, Bounded.ServerMax, cancel);
        await TryAsync("partitions", async either =>
        {
            var halted = new List<string>();
            foreach (var topic in Topics)
                halted.AddRange((await engine.Metadata.Catalog.ProgressAsync(topic.Name, either)).Where(part => part.HaltReason is not null).Select(part => $"{topic.Name} partition {part.Partition}: {part.HaltReason}"));
            return [Listed("partitions", halted, "none is halted", "halted", null)];
        }, WorkMax, cancel);
        await TryAsync("slots", async either =>
        {
            var failed = await engine.Metadata.Ledger.ListAsync(new SlotFilter { States = [SlotState.Failed] }, either);
            return [Listed("slots", [.. failed.Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.Reason}")], "none has failed", "failed", "`etl why DATASET WINDOW` tells more")];
        }, WorkMax, cancel);
    }

    private static Finding Listed(string check, IReadOnlyList<string> found, string none, string what, string? remedy) => found.Count == 0
        ? Finding.Ok(check, none)
        : Finding.Fail(check, $"{found.Count:N0} {what}: {string.Join("; ", found.Take(ListMax))}{(found.Count > ListMax ? $"; and {found.Count - ListMax} more" : "")}", null, remedy);

    private Task<bool> TryAsync(ICheck check, CancellationToken cancel) => TryAsync(check.Name, check.LookAsync, Bounded.ServerMax, cancel);

    private async Task<bool> TryAsync(string check, Func<CancellationToken, Task<IReadOnlyList<Finding>>> look, TimeSpan max, CancellationToken cancel)
    {
        var found = await Bounded.LookAsync(check, look, max, invocation.Clock, cancel);
        _findings.AddRange(found);
        return found.All(finding => finding.Health != Health.Fail);
    }
}
