using System.Text.Json.Serialization;

namespace Etl.Embedded.Registry;

/// <summary>One line of the log. All changes of a request are one line, so half a request is never seen.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "change")]
[JsonDerivedType(typeof(Registered), "registered")]
[JsonDerivedType(typeof(Hidden), "hidden")]
[JsonDerivedType(typeof(Purged), "purged")]
internal abstract record RegistryChange
{
    /// <summary>A schema became a version of a subject.</summary>
    /// <param name="Text">The schema as it was sent the first time.</param>
    /// <param name="At">Milliseconds since 1970.</param>
    public sealed record Registered(string Subject, int Version, int Id, string Text, long At) : RegistryChange;

    /// <summary>Versions were soft-deleted.</summary>
    public sealed record Hidden(string Subject, int[] Versions) : RegistryChange;

    /// <summary>Versions were deleted for good.</summary>
    public sealed record Purged(string Subject, int[] Versions) : RegistryChange;
}

[JsonSerializable(typeof(RegistryChange))]
internal sealed partial class RegistryJson : JsonSerializerContext;
