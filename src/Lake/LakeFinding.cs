namespace Etl.Lake;

/// <summary>What <see cref="Verify"/> can find.</summary>
public enum FindingKind
{
    /// <summary>The manifest lists a file that is not on disk.</summary>
    MissingFile,

    /// <summary>The file is cut, or is not Parquet, or cannot be read.</summary>
    UnreadableFile,

    /// <summary>Its length is not the listed one.</summary>
    WrongSize,

    /// <summary>Its rows are not as many as listed.</summary>
    WrongRows,

    /// <summary>Its rows do not lie in the windows that its footer names.</summary>
    WrongWindows,

    /// <summary>Its offset ranges, or the offsets in its rows, are not those that are listed.</summary>
    WrongOffsets,

    /// <summary>Its footer names another dataset or schema version, or has no part of ours.</summary>
    WrongFooter,

    /// <summary>Two live files hold the same offsets: rows count twice.</summary>
    OffsetOverlap,

    /// <summary>Offsets that progress has passed lie in no file, and rows are missing too.</summary>
    OffsetGap,

    /// <summary>Files hold other numbers of rows than were landed, or offsets past the next position.</summary>
    ProgressMismatch,
}

/// <param name="Path">Lake path; "" when it is not about one file.</param>
/// <param name="Detail">Found, expected, where.</param>
public sealed record LakeFinding(FindingKind Kind, string Dataset, string Path, string Detail)
{
    public override string ToString() => $"{Kind} {(Path.Length > 0 ? Path : Dataset)}: {Detail}";
}

/// <param name="Files">Live files looked at.</param>
/// <param name="Rows">Rows that they hold.</param>
/// <param name="Moving">Topics whose progress moved all the while, so that rows and progress could not be compared.</param>
public sealed record VerifyReport(long AsOf, int Files, long Rows, IReadOnlyList<LakeFinding> Findings, IReadOnlyList<string> Moving);
