using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Etl.Topics.Registry;

/// <summary>Schema texts by id in a folder, one file each. An id never changes its meaning, so nothing is ever outdated. Several processes may share it.</summary>
internal sealed class SchemaCache
{
    /// <summary>The most texts kept in memory; further ones are read from the folder each time.</summary>
    public const int InMemoryMax = 10_000;

    private readonly ConcurrentDictionary<int, string> texts = [];
    private readonly string folder;

    public SchemaCache(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
    }

    public string? Find(int id)
    {
        if (texts.TryGetValue(id, out string? known)) return known;
        try
        {
            return Remember(id, File.ReadAllText(PathOf(id)));
        }
        catch (IOException)
        {
            return null; // not there, or not to be read: the registry is asked
        }
    }

    /// <summary>Written whole under another name first, so that a reader never sees half a text.</summary>
    public void Add(int id, string text)
    {
        Remember(id, text);
        if (File.Exists(PathOf(id))) return;
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, PathOf(id), overwrite: true);
    }

    private string Remember(int id, string text)
    {
        if (texts.Count < InMemoryMax) texts[id] = text;
        return text;
    }

    private string PathOf(int id) => Path.Combine(folder, id.ToString(CultureInfo.InvariantCulture) + ".avsc");
}
