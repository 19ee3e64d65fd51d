using Etl.Codecs.Avro.Values;

namespace Etl.Codecs.Avro.Resolution;

/// <summary>Resolves a writer's schema with a reader's, once: the result reads data without looking at names again. Each pair of records gets one node, however often it is used.</summary>
internal sealed class PlanCompiler
{
    private const int DepthMax = 512;
    private const int RecordPairsMax = 20_000; // unions of many records on both sides

    private static readonly string TooManyPairs = $"more than {RecordPairsMax:N0} pairs of records are to be compared";

    private readonly Dictionary<(AvroSchema Writer, AvroSchema Reader), ReadRecord> records = [];
    private readonly SchemaSize sizes = new();
    private readonly SkipCompiler skips;
    private int depth;
    private int compared;

    public PlanCompiler() => skips = new(sizes);

    /// <summary>Places that data cannot be read at, as far as data gets there.</summary>
    public List<string> Problems { get; } = [];

    public ReadNode Compile(AvroSchema writer, AvroSchema reader)
    {
        if (depth >= DepthMax) return Nothing($"types hold each other more than {DepthMax} deep");
        depth++;
        try
        {
            return (writer, reader) switch
            {
                (UnionSchema from, _) => new ReadUnion([.. from.Branches.Select(branch => Compile(branch, reader))]),
                (_, UnionSchema to) => SchemaMatch.Branch(writer, to, Resolves) is >= 0 and var place ? Compile(writer, to.Branches[place]) : Mismatch(writer, reader),
                (RecordSchema from, RecordSchema to) => Record(from, to), // whatever their names, as the Java library's reader does
                (EnumSchema from, EnumSchema to) => SchemaMatch.Names(from, to) ? new ReadEnum(from, SymbolsOf(from, to)) : Mismatch(writer, reader),
                (FixedSchema from, FixedSchema to) => SchemaMatch.Names(from, to) && from.Size == to.Size ? new ReadFixed(to) : Mismatch(writer, reader),
                (ArraySchema from, ArraySchema to) => new ReadArray(Compile(from.Items, to.Items), sizes.Of(from.Items).Min),
                (MapSchema from, MapSchema to) => new ReadMap(Compile(from.Values, to.Values), sizes.Of(from.Values).Min),
                (PrimitiveSchema, PrimitiveSchema) when writer.Kind == reader.Kind || SchemaMatch.Promotes(writer.Kind, reader.Kind) => new ReadLeaf(writer.Kind, reader.Kind),
                _ => Mismatch(writer, reader),
            };
        }
        finally
        {
            depth--;
        }
    }

    private ReadNode Record(RecordSchema writer, RecordSchema reader)
    {
        if (records.TryGetValue((writer, reader), out var known)) return known;
        if (++compared > RecordPairsMax) return Nothing(TooManyPairs);
        int[] takers = SchemaMatch.Fields(writer, reader);
        var defaults = new List<(object?, int)>();
        var taken = takers.ToHashSet();
        foreach (var field in reader.Fields.Where(field => !taken.Contains(field.Position)))
        {
            if (!DefaultValue.TryMake(field, out object? value, out string fault)) return Nothing($"{reader.FullName}.{field.Name} is not in the writer's {writer.FullName}, and {fault}");
            defaults.Add((value, field.Position));
        }
        var node = records[(writer, reader)] = new ReadRecord(writer, reader) { Defaults = [.. defaults] };
        node.Fields = [.. writer.Fields.Select(field => takers[field.Position] is >= 0 and var position
            ? ((ReadNode?)Compile(field.Schema, reader.Fields[position].Schema), (SkipNode?)null, position)
            : (null, skips.Compile(field.Schema), -1))];
        return node;
    }

    /// <summary>As the Java library judges a record for a union's branch: its fields one level down.</summary>
    private bool Resolves(RecordSchema writer, RecordSchema reader)
    {
        if (compared >= RecordPairsMax) return false;
        int problems = Problems.Count;
        bool resolves = Record(writer, reader) is ReadRecord record && record.Fields.All(field => field.Read is not ReadNothing);
        if (!resolves) Problems.RemoveRange(problems, Problems.Count - problems); // only a question
        return resolves;
    }

    private static AvroEnum?[] SymbolsOf(EnumSchema writer, EnumSchema reader)
    {
        int other = reader.Default is { } symbol ? reader.PlaceOf(symbol) : -1;
        return [.. writer.Symbols.Select(reader.PlaceOf).Select(place => place >= 0 ? place : other).Select(place => place >= 0 ? new AvroEnum(reader, place) : null)];
    }

    private ReadNothing Mismatch(AvroSchema writer, AvroSchema reader) => 
        Nothing(compared < RecordPairsMax ? $"found {SchemaText.Brief(writer)}, expected {SchemaText.Brief(reader)}" : TooManyPairs);

    private ReadNothing Nothing(string why)
    {
        Problems.Add(why);
        return new(why);
    }
}
