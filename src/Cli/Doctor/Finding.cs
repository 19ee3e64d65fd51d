namespace Etl.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum Health
{
    Good,

    /// <summary>Works, but somebody should look.</summary>
    Look,

    Bad,

    /// <summary>Bad because a server does not answer.</summary>
    Unreachable,
}

/// <param name="Check">What was looked at, in a word or two.</param>
/// <param name="Detail">What was found; where it is not good, how to mend it.</param>
internal sealed record Finding(string Check, Health Health, string Detail);
