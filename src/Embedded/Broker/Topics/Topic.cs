using System.Text.Json;
using System.Text.RegularExpressions;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Topics;

/// <summary>A topic with its open logs; it never changes, <see cref="TopicStore"/> replaces it. Its id tells it from another of the same name.</summary>
internal sealed partial record Topic(string Name, Guid Id, IReadOnlyDictionary<string, string> Configs, PartitionLog[] Partitions)
{
    public const int NameLengthMax = 249;

    private const string FileName = "topic.json";

    public PartitionLog? Partition(int index) => index >= 0 && index < Partitions.Length ? Partitions[index] : null;

    /// <summary>1 to 249 of <c>a-z A-Z 0-9 . _ -</c>, and neither "." nor "..".</summary>
    public static bool IsValidName(string name) => name.Length is > 0 and <= NameLengthMax && name is not "." and not ".." && NamePattern().IsMatch(name);

    public static string FolderOf(string folder, int partition) => Path.Combine(folder, partition.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What <c>topic.json</c> in the topic's folder holds.</summary>
    internal sealed record Description(Guid Id, int Partitions, Dictionary<string, string> Configs)
    {
        private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

        public void Save(string folder) => DurableFile.Replace(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json));

        /// <returns>Null if the folder holds no topic: its making was cut short.</returns>
        public static Description? Load(string folder)
        {
            string path = Path.Combine(folder, FileName);
            if (!File.Exists(path)) return null;
            try
            {
                return JsonSerializer.Deserialize<Description>(File.ReadAllBytes(path), Json);
            }
            catch (JsonException error)
            {
                throw new BrokerException($"{path}: is not the description of a topic ({error.Message}); restore the file, or move the folder away to give the topic up.", isTransient: false, error);
            }
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9._-]+$")]
    private static partial Regex NamePattern();
}
