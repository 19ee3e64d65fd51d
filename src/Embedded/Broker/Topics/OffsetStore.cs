using System.Buffers.Binary;
using System.Text.Json;
using Etl.Codecs.Kafka;
using Etl.Embedded.Broker.Log;
using Microsoft.Win32.SafeHandles;

namespace Etl.Embedded.Broker.Topics;

/// <summary>A committed offset.</summary>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata);

/// <summary>
/// Offsets that consumers committed, by group. On disk a journal of whole entries, each with its checksum; it is written anew when it holds
/// mostly what was overwritten. Entries name topics by id, so a topic made again has none.
/// </summary>
internal sealed class OffsetStore : IDisposable
{
    public const int MetadataBytesMax = 4096;
    public const int GroupsMax = 10_000;

    private const string FileName = "offsets.journal";
    private const int EntriesBeforeRewrite = 100_000;

    private readonly Lock _changing = new();
    private readonly Dictionary<string, Dictionary<(Guid Topic, int Partition), CommittedOffset>> _groups = new(StringComparer.Ordinal);
    private readonly string _path;
    private SafeFileHandle _journal;
    private long _length;
    private int _entries;

    internal sealed record Entry(string Group, Guid Topic, int Partition, long Offset, int LeaderEpoch, string Metadata);

    public OffsetStore(string folder, Func<Guid, bool> topicExists)
    {
        _path = Path.Combine(folder, FileName);
        if (File.Exists(_path))
            foreach (var entry in Read(File.ReadAllBytes(_path)))
                if (topicExists(entry.Topic)) Put(entry);
        Rewrite();
        _journal = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
    }

    /// <summary>Stores the offsets of one group together.</summary>
    /// <returns>None; <see cref="KafkaError.PolicyViolation"/> when there are too many groups.</returns>
    public KafkaError Commit(IReadOnlyList<Entry> entries)
    {
        if (entries.Count == 0) return KafkaError.None;
        lock (_changing)
        {
            if (!_groups.ContainsKey(entries[0].Group) && _groups.Count >= GroupsMax) return KafkaError.PolicyViolation;
            byte[] bytes = [.. entries.SelectMany(ToBytes)];
            try
            {
                RandomAccess.Write(_journal, bytes, _length);
            }
            catch (IOException)
            {
                return KafkaError.UnknownServerError; // the torn end is overwritten by the next commit or ignored by the next start
            }
            _length += bytes.Length;
            _entries += entries.Count;
            foreach (var entry in entries) Put(entry);
            if (_entries > EntriesBeforeRewrite + (2 * _groups.Values.Sum(group => group.Count))) StartAnew();
            return KafkaError.None;
        }
    }

    public CommittedOffset? Find(string group, Guid topic, int partition)
    {
        lock (_changing) return _groups.TryGetValue(group, out var offsets) && offsets.TryGetValue((topic, partition), out var found) ? found : null;
    }

    /// <summary>All that a group committed.</summary>
    public IReadOnlyList<(Guid Topic, int Partition, CommittedOffset Committed)> Of(string group)
    {
        lock (_changing) return _groups.TryGetValue(group, out var offsets) ? [.. offsets.Select(pair => (pair.Key.Topic, pair.Key.Partition, pair.Value))] : [];
    }

    public void Forget(Guid topic)
    {
        lock (_changing)
            foreach (var offsets in _groups.Values)
                foreach (var key in offsets.Keys.Where(key => key.Topic == topic).ToList()) offsets.Remove(key);
    }

    public void Sync()
    {
        lock (_changing)
            if (!_journal.IsClosed) RandomAccess.FlushToDisk(_journal);
    }

    public void Dispose()
    {
        lock (_changing)
        {
            if (_journal.IsClosed) return;
            RandomAccess.FlushToDisk(_journal);
            _journal.Dispose();
        }
    }

    private void StartAnew()
    {
        _journal.Dispose();
        Rewrite();
        _journal = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
    }

    private void Rewrite()
    {
        byte[] bytes = [.. _groups.SelectMany(group => group.Value.Select(pair => new Entry(group.Key, pair.Key.Topic, pair.Key.Partition, pair.Value.Offset, pair.Value.LeaderEpoch, pair.Value.Metadata))).SelectMany(ToBytes)];
        DurableFile.Replace(_path, bytes);
        (_length, _entries) = (bytes.Length, _groups.Values.Sum(group => group.Count));
    }

    private void Put(Entry entry)
    {
        if (!_groups.TryGetValue(entry.Group, out var offsets)) _groups.Add(entry.Group, offsets = []);
        offsets[(entry.Topic, entry.Partition)] = new(entry.Offset, entry.LeaderEpoch, entry.Metadata);
    }

    // Length and checksum, 4 bytes each, then the entry as JSON.
    private static byte[] ToBytes(Entry entry)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(entry);
        byte[] bytes = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, text.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(text));
        text.CopyTo(bytes, 8);
        return bytes;
    }

    private static IEnumerable<Entry> Read(byte[] bytes)
    {
        for (int at = 0; at + 8 <= bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            if (length <= 0 || length > bytes.Length - at - 8) yield break; // torn: the end of what was written
            if (Crc32C.Of(bytes.AsSpan(at + 8, length)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4))) yield break;
            yield return JsonSerializer.Deserialize<Entry>(bytes.AsSpan(at + 8, length))!;
            at += 8 + length;
        }
    }
}
