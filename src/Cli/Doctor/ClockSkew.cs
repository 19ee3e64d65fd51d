namespace Etl.Cli.Doctor;

/// <summary>How far a server's clock is off this machine's.</summary>
internal static class ClockSkew
{
    private static readonly TimeSpan WarnFrom = TimeSpan.FromSeconds(30);

    /// <param name="stopsAt">From here on work stops; null: it goes on.</param>
    public static Finding Judge(string check, DateTimeOffset server, DateTimeOffset here, TimeSpan? stopsAt)
    {
        var skew = server - here;
        string found = $"its clock is {skew.Duration().TotalSeconds:N0} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this machine's";
        const string remedy = "set both by a time server (chronyc tracking, timedatectl)";
        if (skew.Duration() > stopsAt) return Finding.Fail(check, $"{found}, commits stop", $"{stopsAt.Value.TotalSeconds:N0} s at most", remedy);
        return skew.Duration() > WarnFrom ? Finding.Warn(check, found, $"{WarnFrom.TotalSeconds:N0} s at most", remedy) : Finding.Ok(check, found);
    }
}
