using System.Globalization;

namespace Etl.Embedded.Broker.Log;

/// <summary>The first readable offset of a partition when it lies inside a segment, because records were deleted.</summary>
internal static class StartOffsetFile
{
    private const string Name = "start";

    public static void Write(string folder, long offset) => DurableFile.Replace(Path.Combine(folder, Name), System.Text.Encoding.ASCII.GetBytes(offset.ToString(CultureInfo.InvariantCulture)));

    /// <returns>0 if nothing was deleted.</returns>
    public static long Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        return File.Exists(path) && long.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : 0;
    }
}
