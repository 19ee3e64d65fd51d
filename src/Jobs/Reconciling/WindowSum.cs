namespace Etl.Jobs.Reconciling;

/// <summary>What one place holds of a window: rows, distinct keys, and a checksum that does not depend on the rows' order.</summary>
public sealed record WindowSum(long Rows, long Keys, ulong Checksum)
{
    public static WindowSum Empty { get; } = new(0, 0, 0);

    /// <summary>As people compare it.</summary>
    public string ChecksumText => Checksum.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Sums of one place, window by window, of rows in any order.</summary>
internal sealed class WindowSums
{
    private readonly Dictionary<object, (long Rows, HashSet<ulong> Keys, ulong Checksum)> _windows = [];

    /// <param name="window">As the rows name it: an instant or a date.</param>
    public void Add(object window, ulong key, ulong row)
    {
        var (rows, keys, checksum) = _windows.TryGetValue(window, out var found) ? found : (0, [], 0);
        keys.Add(key);
        _windows[window] = (rows + 1, keys, unchecked(checksum + row));
    }

    public WindowSum Of(object window) => _windows.TryGetValue(window, out var sum) ? new(sum.Rows, sum.Keys.Count, sum.Checksum) : WindowSum.Empty;
}
