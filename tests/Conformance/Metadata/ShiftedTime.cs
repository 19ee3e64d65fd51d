namespace Etl.Tests.Conformance.Metadata;

/// <summary>The wall clock, off by so much.</summary>
internal sealed class ShiftedTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
