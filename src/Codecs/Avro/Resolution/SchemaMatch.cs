namespace Etl.Codecs.Avro.Resolution;

/// <summary>Which part of the reader's schema takes which part of the writer's, by the specification's rules and where it is silent by the Java library's.</summary>
public static class SchemaMatch
{
    /// <summary>Equal names (namespaces are not compared), or one of the reader's aliases.</summary>
    public static bool Names(NamedSchema writer, NamedSchema reader) => writer.Name == reader.Name || reader.Aliases.Contains(writer.FullName);

    /// <summary>The full name, or an alias.</summary>
    public static bool FullNames(NamedSchema writer, NamedSchema reader) => writer.FullName == reader.FullName || reader.Aliases.Contains(writer.FullName);

    /// <summary>
    /// For each field of the writer the position of the reader's field that takes its value, or −1: dropped. Equal names come first, then
    /// aliases; a writer's field goes to one reader's field only: of several that claim it the last, as in the Java library.
    /// </summary>
    public static int[] Fields(RecordSchema writer, RecordSchema reader)
    {
        int[] taker = [.. writer.Fields.Select(field => reader.Find(field.Name)?.Position ?? -1)];
        foreach (var field in reader.Fields.Reverse())
        {
            if (field.Aliases.Count == 0 || writer.Find(field.Name) is not null) continue;
            var source = field.Aliases.Select(writer.Find).FirstOrDefault(found => found is not null && taker[found.Position] < 0);
            if (source is not null) taker[source.Position] = field.Position;
        }
        return taker;
    }

    /// <summary>Whether a value of one kind may be read as another: int as long, float or double; long as float or double; float as double; string as bytes and back.</summary>
    public static bool Promotes(AvroKind writer, AvroKind reader) => (writer, reader) switch
    {
        (AvroKind.Int, AvroKind.Long or AvroKind.Float or AvroKind.Double) => true,
        (AvroKind.Long, AvroKind.Float or AvroKind.Double) => true,
        (AvroKind.Float, AvroKind.Double) => true,
        (AvroKind.String, AvroKind.Bytes) => true,
        (AvroKind.Bytes, AvroKind.String) => true,
        _ => false,
    };

    /// <summary>
    /// The reader's branch for a writer's schema that is no union, or −1: the same kind (for named types the same full name or an alias),
    /// else a record whose fields resolve (of several the one with the same short name, else the first), else an enum or fixed of the same
    /// short name, else the first that the kind is promoted to.
    /// </summary>
    /// <param name="resolves">Whether a writer's record resolves with a reader's.</param>
    public static int Branch(AvroSchema writer, UnionSchema reader, Func<RecordSchema, RecordSchema, bool> resolves)
    {
        int alike = -1, named = -1, promoted = -1;
        for (int place = 0; place < reader.Branches.Count; place++)
        {
            switch (writer, reader.Branches[place])
            {
                case (NamedSchema from, NamedSchema to) when from.Kind == to.Kind:
                    if (FullNames(from, to)) return place;
                    if (from is RecordSchema record && (alike < 0 || from.Name == to.Name && !IsNamed(alike)) && resolves(record, (RecordSchema)to)) alike = place;
                    if (from is not RecordSchema && named < 0 && from.Name == to.Name) named = place;
                    break;
                case (_, var to) when writer.Kind == to.Kind:
                    return place;
                case (_, var to) when promoted < 0 && Promotes(writer.Kind, to.Kind):
                    promoted = place;
                    break;
            }
        }
        return alike >= 0 ? alike : named >= 0 ? named : promoted;

        bool IsNamed(int place) => ((NamedSchema)writer).Name == ((NamedSchema)reader.Branches[place]).Name;
    }
}
