using System.Globalization;

namespace Etl.Cli.Output;

/// <summary>How many of what, as people read it: <c>1 run</c>, <c>1,200 runs</c>.</summary>
internal static class Counted
{
    /// <param name="unit">In the singular; its plural must be made by an s.</param>
    public static string Of(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {unit}{(count == 1 ? "" : "s")}");
}
