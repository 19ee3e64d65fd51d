namespace Etl.Topics.Registry;

/// <summary>What a registry knows of an id.</summary>
public abstract record SchemaLookup
{
    private SchemaLookup() { }

    /// <param name="Text">The schema's text as the registry gives it.</param>
    public sealed record Found(int Id, string Text) : SchemaLookup;

    /// <summary>The registry answered that there is no such id. It may come yet, where registries copy each other.</summary>
    public sealed record NoSuchId(int Id) : SchemaLookup;
}
