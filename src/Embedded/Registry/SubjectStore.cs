using Etl.Codecs.Avro;

namespace Etl.Embedded.Registry;

/// <summary>
/// Subjects, their versions and the schemas' ids, in memory; every change goes to the log first. Two texts are the same schema when what was parsed
/// is the same: white space and the order of keys do not count; docs, defaults, aliases and logical types do.
/// </summary>
/// <remarks>Any number of threads; changes one at a time.</remarks>
internal sealed class SubjectStore : IDisposable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Subject> subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<int, SchemaUse> schemas = [];
    private readonly Dictionary<string, int> idOf = new(StringComparer.Ordinal); // by the text that the parsed schema is written as
    private readonly RegistryLog log;
    private readonly TimeProvider time;
    private readonly int versionsMax;
    private int idMax; // ids only grow, also past schemas that are gone
    private int versions;

    public SubjectStore(string path, int versionsMax, TimeProvider time)
    {
        (this.versionsMax, this.time) = (versionsMax, time);
        log = RegistryLog.Open(path, Apply);
    }

    /// <summary>Makes the schema a version of the subject, unless it is one.</summary>
    public SubjectVersion Register(string subject, AvroSchema schema)
    {
        string identity = schema.ToString();
        lock (gate)
        {
            if (FindSame(subject, identity, Shown.Live) is { } same) return same;
            if (versions >= versionsMax) throw new RegistryFaultException(RegistryFault.NotPermitted($"the registry is full: {versionsMax:N0} versions (VersionsMax)"));
            int version = subjects.TryGetValue(subject, out var known) ? known.VersionMax + 1 : 1;
            bool isNew = !idOf.TryGetValue(identity, out int id);
            if (isNew) id = idMax + 1;
            Commit(new RegistryChange.Registered(subject, version, id, isNew ? schema.Text! : schemas[id].Text, time.GetUtcNow().ToUnixTimeMilliseconds()));
            return subjects[subject].Versions[version];
        }
    }

    /// <summary>The subject's version of this schema, the newest.</summary>
    /// <returns>null when it has none.</returns>
    public SubjectVersion? Find(string subject, AvroSchema schema, Shown shown)
    {
        string identity = schema.ToString();
        lock (gate) return FindSame(subject, identity, shown);
    }

    /// <summary>All versions, by subject and number.</summary>
    public IReadOnlyList<SubjectVersion> List(Shown shown)
    {
        lock (gate) return [.. subjects.Values.SelectMany(subject => subject.Versions.Values).Where(version => IsShown(version, shown))];
    }

    /// <summary>Versions of a subject, ascending; empty when it has none that are shown.</summary>
    public IReadOnlyList<SubjectVersion> List(string subject, Shown shown)
    {
        lock (gate) return subjects.TryGetValue(subject, out var known) ? [.. known.Versions.Values.Where(version => IsShown(version, shown))] : [];
    }

    /// <summary>Every use of an id, soft-deleted ones included, in the order of registering; empty when nothing uses it.</summary>
    public IReadOnlyList<SubjectVersion> UsesOf(int id)
    {
        lock (gate) return schemas.TryGetValue(id, out var schema) ? [.. schema.Uses.Select(use => subjects[use.Subject].Versions[use.Version])] : [];
    }

    /// <summary>Deletes one version: softly (hidden, but its id still resolves), or for good after that.</summary>
    public void DeleteVersion(string subject, int number, bool permanent)
    {
        lock (gate)
        {
            var versions = Existing(subject).Versions;
            if (!versions.TryGetValue(number, out var version)) throw new RegistryFaultException(RegistryFault.NoVersion(number));
            if (permanent && !version.IsDeleted) throw new RegistryFaultException(RegistryFault.VersionIsNotDeleted(subject, number));
            if (!permanent && version.IsDeleted) throw new RegistryFaultException(RegistryFault.VersionIsDeleted(subject, number));
            Commit(permanent ? new RegistryChange.Purged(subject, [number]) : new RegistryChange.Hidden(subject, [number]));
        }
    }

    /// <summary>Deletes all versions of a subject: softly, or for good after that.</summary>
    /// <returns>Their numbers.</returns>
    public int[] DeleteSubject(string subject, bool permanent)
    {
        lock (gate)
        {
            var versions = Existing(subject).Versions.Values;
            int[] live = [.. versions.Where(version => !version.IsDeleted).Select(version => version.Version)];
            if (permanent && live.Length > 0) throw new RegistryFaultException(RegistryFault.SubjectIsNotDeleted(subject));
            if (!permanent && live.Length == 0) throw new RegistryFaultException(RegistryFault.SubjectIsDeleted(subject));
            int[] deleted = permanent ? [.. versions.Select(version => version.Version)] : live;
            Commit(permanent ? new RegistryChange.Purged(subject, deleted) : new RegistryChange.Hidden(subject, deleted));
            return deleted;
        }
    }

    public void Dispose()
    {
        lock (gate) log.Dispose();
    }

    private Subject Existing(string subject) =>
        subjects.TryGetValue(subject, out var known) ? known : throw new RegistryFaultException(RegistryFault.NoSubject(subject));

    private void Commit(RegistryChange change)
    {
        try
        {
            log.Append(change);
        }
        catch (IOException cause)
        {
            throw new RegistryFaultException(RegistryFault.StoreFailed($"the registry's log could not be written: {cause.Message}"));
        }
        Apply(change);
    }

    private void Apply(RegistryChange change)
    {
        switch (change)
        {
            case RegistryChange.Registered registered:
                Add(registered);
                break;
            case RegistryChange.Hidden(var subject, var numbers):
                foreach (int number in numbers) subjects[subject].Versions[number] = subjects[subject].Versions[number] with { IsDeleted = true };
                break;
            case RegistryChange.Purged(var subject, var numbers):
                foreach (int number in numbers) Remove(subjects[subject].Versions[number]);
                break;
        }
    }

    private void Add(RegistryChange.Registered registered)
    {
        var (subject, version, id, text, at) = registered;
        if (!subjects.TryGetValue(subject, out var known)) subjects.Add(subject, known = new());
        known.Versions.Add(version, new(subject, version, id, text, at, IsDeleted: false));
        known.VersionMax = version;
        if (!schemas.TryGetValue(id, out var schema))
        {
            schemas.Add(id, schema = new(text, SchemaParser.Parse(text).ToString()));
            idOf.Add(schema.Identity, id);
        }
        schema.Uses.Add((subject, version));
        idMax = Math.Max(idMax, id);
        versions++;
    }

    private void Remove(SubjectVersion version)
    {
        var subject = subjects[version.Subject];
        subject.Versions.Remove(version.Version);
        if (subject.Versions.Count == 0) subjects.Remove(version.Subject);
        var schema = schemas[version.Id];
        schema.Uses.Remove((version.Subject, version.Version));
        if (schema.Uses.Count == 0)
        {
            schemas.Remove(version.Id);
            idOf.Remove(schema.Identity);
        }
        versions--;
    }

    private SubjectVersion? FindSame(string subject, string identity, Shown shown) =>
        idOf.TryGetValue(identity, out int id) && subjects.TryGetValue(subject, out var known)
            ? known.Versions.Values.LastOrDefault(version => version.Id == id && IsShown(version, shown))
            : null;

    private static bool IsShown(SubjectVersion version, Shown shown) => shown switch
    {
        Shown.Live => !version.IsDeleted,
        Shown.DeletedOnly => version.IsDeleted,
        _ => true,
    };

    private sealed class Subject
    {
        public SortedDictionary<int, SubjectVersion> Versions { get; } = [];

        public int VersionMax { get; set; }
    }

    private sealed record SchemaUse(string Text, string Identity)
    {
        public List<(string Subject, int Version)> Uses { get; } = [];
    }
}
