namespace Etl.Codecs.Cql;

/// <summary>CQL's <c>duration</c>: months, days and nanoseconds, which do not turn into each other. All have one sign.</summary>
public readonly record struct Duration
{
    /// <exception cref="ArgumentException">Signs differ.</exception>
    public Duration(int months, int days, long nanoseconds)
    {
        if ((months < 0 || days < 0 || nanoseconds < 0) && (months > 0 || days > 0 || nanoseconds > 0))
            throw new ArgumentException($"found {months} months, {days} days, {nanoseconds} ns; expected all of one sign");
        (Months, Days, Nanoseconds) = (months, days, nanoseconds);
    }

    public int Months { get; }

    public int Days { get; }

    public long Nanoseconds { get; }

    /// <summary>As CQL writes it: <c>1mo2d3h</c> in the units that nanoseconds divide into exactly.</summary>
    public override string ToString()
    {
        if (this == default) return "0s";
        string sign = Months < 0 || Days < 0 || Nanoseconds < 0 ? "-" : "", text = "";
        if (Months != 0) text += $"{Math.Abs((long)Months)}mo";
        if (Days != 0) text += $"{Math.Abs((long)Days)}d";
        if (Nanoseconds != 0) text += $"{(Nanoseconds < 0 ? (ulong)-Nanoseconds : (ulong)Nanoseconds)}ns";
        return sign + text;
    }
}
