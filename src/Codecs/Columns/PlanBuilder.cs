using System.Text;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;

namespace Etl.Codecs.Columns;

/// <summary>Turns a writer's schema and the places of a shape into operations.</summary>
internal sealed class PlanBuilder(ColumnLimits limits)
{
    private readonly SchemaSize sizes = new();
    private readonly Dictionary<RecordSchema, int> routines = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(RecordSchema Record, string Path)> routinesToWrite = [];
    private readonly Dictionary<(AvroSchema, AvroSchema), bool> alike = [];
    private string path = "";
    private int joined; // operations before this one may be jumped behind, so nothing is merged into them

    public List<ColumnOp> Ops { get; } = [];

    /// <summary>For each operation the field it belongs to.</summary>
    public List<string> Paths { get; } = [];

    public List<string> Problems { get; } = [];

    public List<int[]> Targets { get; } = [];

    public List<byte[]?[]> Symbols { get; } = [];

    public List<byte[]> Defaults { get; } = [];

    public List<byte[]> BranchNames { get; } = [];

    public List<int> Routines { get; } = [];

    /// <summary>Where the datum's own operations end; routines follow.</summary>
    public int Stop { get; private set; }

    public void Build(AvroSchema writer, ShapeNode root)
    {
        Read(writer, root);
        Stop = Ops.Count;
        while (routinesToWrite.TryDequeue(out var routine))
        {
            path = routine.Path;
            joined = Ops.Count;
            Routines[routines[routine.Record]] = Ops.Count;
            SkipFields(routine.Record);
            Add(OpCode.Return);
        }
    }

    /// <summary>Counts for each double how many follow it, so that they are read in one go; a place that is jumped to starts anew.</summary>
    public void JoinDoubles()
    {
        for (int op = Ops.Count - 1; op >= 0; op--)
        {
            if (Ops[op].Code != OpCode.Double) continue;
            bool goesOn = op + 1 < Ops.Count && Ops[op + 1] is { Code: OpCode.Double, Narrow: true };
            SetJump(op, goesOn ? Ops[op + 1].Jump + 1 : 1);
        }
    }

    private void Read(AvroSchema writer, ShapeNode to)
    {
        if (writer is UnionSchema union) ReadUnion(union, to);
        else if (to.Union is { } choice) ReadAsBranch(writer, choice, to);
        else ReadValue(writer, to);
    }

    private void ReadUnion(UnionSchema writer, ShapeNode to)
    {
        if (writer.Nullable is { } inner && to is { IsChoice: false, Nullable: true, Schema.Kind: not AvroKind.Null })
        {
            int optional = Add(OpCode.Optional, to.Vector, writer.NullBranch);
            Read(inner, to);
            JumpHereFrom(optional);
            return;
        }
        int[] targets = new int[writer.Branches.Count];
        Targets.Add(targets);
        Add(OpCode.Select, to.Vector, Targets.Count - 1);
        var ends = new List<int>();
        for (int branch = 0; branch < targets.Length; branch++)
        {
            targets[branch] = joined = Ops.Count;
            Read(writer.Branches[branch], to);
            if (branch < targets.Length - 1) ends.Add(Add(OpCode.Jump));
        }
        foreach (int end in ends) JumpHereFrom(end);
    }

    /// <summary>A writer's schema that is no union, where the reader has one.</summary>
    private void ReadAsBranch(AvroSchema writer, UnionSchema union, ShapeNode to)
    {
        int place = SchemaMatch.Branch(writer, union, Resolves);
        if (place < 0) Fail(writer, union);
        else if (union.Branches[place].Kind == AvroKind.Null) Add(OpCode.Null, to.Vector);
        else if (!to.IsChoice) ReadValue(writer, to);
        else
        {
            BranchNames.Add(Encoding.UTF8.GetBytes(union.Branches[place].BranchName));
            int nulls = union.NullBranch >= 0 && union.NullBranch < place ? 1 : 0;
            int branch = Add(OpCode.Branch, to.Vector, 1 + place - nulls); // child 0 is the branch's name
            SetJump(branch, BranchNames.Count - 1);
            ReadValue(writer, to.Children[place]);
        }
    }

    private void ReadValue(AvroSchema writer, ShapeNode to)
    {
        switch (writer, to.Schema)
        {
            case (RecordSchema from, RecordSchema record):
                ReadRecord(from, record, to);
                break;
            case (ArraySchema from, ArraySchema):
                ReadItems(OpCode.List, from.Items, to);
                break;
            case (MapSchema from, MapSchema):
                ReadItems(OpCode.Map, from.Values, to);
                break;
            case (EnumSchema from, EnumSchema choice) when SchemaMatch.Names(from, choice):
                Symbols.Add(SymbolsOf(from, choice));
                Add(OpCode.Symbol, to.Vector, Symbols.Count - 1);
                break;
            default:
                if (LeafOps.Of(writer, to) is { } op) Add(op);
                else Fail(writer, to.Schema);
                break;
        }
    }

    private void ReadRecord(RecordSchema writer, RecordSchema reader, ShapeNode to)
    {
        string outer = path;
        int[] takers = SchemaMatch.Fields(writer, reader);
        if (DefaultsOf(writer, reader, takers, out string fault) is not { } defaults)
        {
            Fail(fault);
            return;
        }
        foreach (var field in writer.Fields)
        {
            int taker = takers[field.Position];
            path = Inside(outer, taker < 0 ? field.Name : reader.Fields[taker].Name);
            if (taker < 0) Skip(field.Schema);
            else Read(field.Schema, to.Children[taker]);
        }
        foreach (var (field, bytes) in defaults)
        {
            path = Inside(outer, field.Name);
            ReadDefault(field, bytes, to.Children[field.Position]);
        }
        path = outer;
        if (reader.Fields.Count == 0 && to.Vector >= 0) Add(OpCode.True, to.Vector);
    }

    private void ReadDefault(RecordField field, byte[] bytes, ShapeNode to)
    {
        byte[] pinned = GC.AllocateArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned, 0);
        Defaults.Add(pinned);
        int start = Add(OpCode.Default, to.Vector, Defaults.Count - 1);
        joined = Ops.Count;
        Read(field.Schema, to);
        JumpHereFrom(start);
    }

    private void ReadItems(OpCode code, AvroSchema item, ShapeNode to)
    {
        string outer = path;
        bool isMap = code == OpCode.Map;
        int start = Add(code, to.Vector, Fewest(item, isMap));
        path += "[]";
        if (isMap) Add(OpCode.Text, to.Vector + 2);
        joined = Ops.Count;
        Read(item, to.Children[0]);
        JumpHereFrom(start);
        path = outer;
    }

    private void Skip(AvroSchema schema)
    {
        if (sizes.Of(schema) is (var bytes, true))
        {
            SkipConstant((int)Math.Min(bytes, int.MaxValue));
            return;
        }
        switch (schema)
        {
            case { Kind: AvroKind.Int or AvroKind.Long }:
                Add(new ColumnOp { Code = OpCode.SkipNumber, Narrow = schema.Kind == AvroKind.Int });
                break;
            case EnumSchema choice:
                Add(OpCode.SkipSymbol, 0, choice.Symbols.Count);
                break;
            case UnionSchema union:
                SkipUnion(union);
                break;
            case ArraySchema array:
                SkipItems(array.Items, isMap: false);
                break;
            case MapSchema map:
                SkipItems(map.Values, isMap: true);
                break;
            case RecordSchema record:
                // One routine a type, since a type may hold itself, and since n types that each hold the next one twice are 2ⁿ when written out.
                if (!routines.TryGetValue(record, out int routine))
                {
                    routine = routines[record] = Routines.Count;
                    Routines.Add(0);
                    routinesToWrite.Enqueue((record, path));
                }
                Add(OpCode.SkipRecord, 0, routine);
                break;
            default:
                Add(OpCode.SkipLength);
                break;
        }
    }

    private void SkipFields(RecordSchema record)
    {
        string outer = path;
        foreach (var field in record.Fields)
        {
            path = Inside(outer, field.Name);
            Skip(field.Schema);
        }
        path = outer;
    }

    private void SkipConstant(int bytes)
    {
        if (Ops.Count > joined && Ops[^1] is { Code: OpCode.SkipConstant } before && before.Argument <= int.MaxValue - bytes) Ops[^1] = before with { Argument = before.Argument + bytes };
        else if (bytes > 0) Add(OpCode.SkipConstant, 0, bytes);
    }

    private void SkipUnion(UnionSchema union)
    {
        int[] targets = new int[union.Branches.Count];
        Targets.Add(targets);
        Add(OpCode.Select, 0, Targets.Count - 1);
        var ends = new List<int>();
        for (int branch = 0; branch < targets.Length; branch++)
        {
            targets[branch] = joined = Ops.Count;
            Skip(union.Branches[branch]);
            if (branch < targets.Length - 1) ends.Add(Add(OpCode.Jump));
        }
        foreach (int end in ends) JumpHereFrom(end);
    }

    private void SkipItems(AvroSchema item, bool isMap)
    {
        int start = Add(new ColumnOp { Code = OpCode.SkipItems, Argument = Fewest(item, isMap), Narrow = !isMap && sizes.Of(item).Constant });
        joined = Ops.Count;
        if (isMap) Add(OpCode.SkipLength);
        Skip(item);
        JumpHereFrom(start);
    }

    private int Fewest(AvroSchema item, bool isMap) => (int)Math.Min(sizes.Of(item).Min + (isMap ? 1 : 0), int.MaxValue);

    private static List<(RecordField, byte[])>? DefaultsOf(RecordSchema writer, RecordSchema reader, int[] takers, out string fault)
    {
        var defaults = new List<(RecordField, byte[])>();
        fault = "";
        foreach (var field in reader.Fields)
        {
            if (takers.Contains(field.Position)) continue;
            if (!DefaultValue.TryMake(field, out object? value, out fault))
            {
                fault = $"{reader.FullName}.{field.Name} is not in the writer's {writer.FullName}, and {fault}";
                return null;
            }
            defaults.Add((field, ValueEncoder.Encode(field.Schema, value)));
        }
        return defaults;
    }

    private static byte[]?[] SymbolsOf(EnumSchema writer, EnumSchema reader) =>
        [.. writer.Symbols.Select(symbol => reader.PlaceOf(symbol) >= 0 ? symbol : reader.Default).Select(symbol => symbol is not null && reader.PlaceOf(symbol) >= 0 ? Encoding.UTF8.GetBytes(symbol) : null)];

    /// <summary>As the Java library judges a record for a union's branch: its fields, one level down.</summary>
    private bool Resolves(RecordSchema writer, RecordSchema reader)
    {
        if (alike.TryGetValue((writer, reader), out bool known)) return known;
        if (alike.Count >= limits.OpsMax) throw TooMany();
        alike[(writer, reader)] = true;
        int[] takers = SchemaMatch.Fields(writer, reader);
        return alike[(writer, reader)] = DefaultsOf(writer, reader, takers, out _) is not null
            && writer.Fields.All(field => takers[field.Position] < 0 || ResolvesAtTop(field.Schema, reader.Fields[takers[field.Position]].Schema));
    }

    private bool ResolvesAtTop(AvroSchema writer, AvroSchema reader) => (writer, reader) switch
    {
        (UnionSchema, _) => true,
        (_, UnionSchema to) => SchemaMatch.Branch(writer, to, Resolves) is >= 0 and var place && ResolvesAtTop(writer, to.Branches[place]),
        (RecordSchema from, RecordSchema to) => DefaultsOf(from, to, SchemaMatch.Fields(from, to), out _) is not null,
        (EnumSchema from, EnumSchema to) => SchemaMatch.Names(from, to),
        (FixedSchema from, FixedSchema to) => SchemaMatch.Names(from, to) && from.Size == to.Size,
        _ => writer.Kind == reader.Kind || SchemaMatch.Promotes(writer.Kind, reader.Kind),
    };

    private void Fail(AvroSchema writer, AvroSchema reader) => Fail($"found {LeafOps.Brief(writer)}, expected {LeafOps.Brief(reader)}");

    private void Fail(string why)
    {
        Add(OpCode.Unresolvable, 0, Problems.Count);
        Problems.Add(path.Length == 0 ? why : $"{path}: {why}");
    }

    private static string Inside(string outer, string name) => outer.Length == 0 ? name : $"{outer}.{name}";

    private int Add(OpCode code, int vector = 0, int argument = 0) => Add(new ColumnOp { Code = code, Vector = vector, Argument = argument });

    private int Add(ColumnOp op)
    {
        if (Ops.Count >= limits.OpsMax) throw TooMany();
        if (op.Code == OpCode.Double) op.Narrow = Ops.Count > joined && Ops[^1].Code == OpCode.Double;
        Ops.Add(op);
        Paths.Add(path);
        return Ops.Count - 1;
    }

    private void JumpHereFrom(int op)
    {
        SetJump(op, Ops.Count);
        joined = Ops.Count;
    }

    private void SetJump(int op, int target) => Ops[op] = Ops[op] with { Jump = target };

    private SchemaException TooMany() =>
        new(new("a pair of schemas whose unions and records multiply", $"at most {limits.OpsMax:N0} operations ({nameof(ColumnLimits.OpsMax)})", path.Length == 0 ? "$" : path));
}
