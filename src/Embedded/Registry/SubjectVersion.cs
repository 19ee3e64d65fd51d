namespace Etl.Embedded.Registry;

/// <summary>One version of a subject.</summary>
/// <param name="Version">From 1; never used again while the subject exists.</param>
/// <param name="Id">Of the schema: the same schema has the same id under every subject.</param>
/// <param name="Text">As it was sent the first time.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record SubjectVersion(string Subject, int Version, int Id, string Text, long At, bool IsDeleted);

/// <summary>Which versions a list shows.</summary>
internal enum Shown
{
    Live,
    LiveAndDeleted,
    DeletedOnly,
}
