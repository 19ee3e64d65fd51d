using System.Text;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Values;

namespace Etl.Tests.Unit.Codecs.Avro;

/// <summary>Schemas, values of them and broken bytes, all from one seed.</summary>
internal sealed class RandomAvro(int seed)
{
    private const int DepthMax = 4;

    private static readonly string[] Primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

    private readonly Random random = new(seed);
    private int names;

    public string SchemaText() => Schema(0);

    private string Schema(int depth) => random.Next(depth >= DepthMax ? 8 : 14) switch
    {
        < 8 and var kind => Attributed(Primitives[kind]),
        8 => $$"""{"type":"array","items":{{Schema(depth + 1)}}}""",
        9 => $$"""{"type":"map","values":{{Schema(depth + 1)}}}""",
        10 => $$"""{"type":"enum","name":"{{Name("E")}}","symbols":["A","B","C"],"default":"B"}""",
        11 => $$"""{"type":"fixed","name":"{{Name("F")}}","size":{{random.Next(20)}}}""",
        12 => Union(depth),
        _ => Record(depth),
    };

    private string Attributed(string primitive) => random.Next(3) == 0 ? $$"""{"type":"{{primitive}}","logicalType":"timestamp-micros","x":[1,{"y":null}]}""" : $"\"{primitive}\"";

    private string Union(int depth)
    {
        var branches = new List<string>(Primitives.Where(_ => random.Next(3) == 0).Select(name => $"\"{name}\""));
        if (depth < DepthMax && random.Next(2) == 0) branches.Add(Record(depth + 1));
        if (branches.Count == 0) branches.Add("\"null\"");
        return $"[{string.Join(',', branches)}]";
    }

    private string Record(int depth)
    {
        string name = Name("R");
        var fields = Enumerable.Range(0, random.Next(5)).Select(place => $$"""{"name":"f{{place}}","type":{{Schema(depth + 1)}},"doc":"d"}""").ToList();
        if (random.Next(3) == 0) fields.Add($$"""{"name":"again","type":["null","{{name}}"],"default":null,"aliases":["more"]}""");
        return $$"""{"type":"record","name":"{{name}}","fields":[{{string.Join(',', fields)}}]}""";
    }

    private string Name(string letter) => $"{letter}{names++}";

    public object? Value(AvroSchema schema, int depth = 0) => schema switch
    {
        UnionSchema union => Value(union.Branches[depth > 2 * DepthMax ? 0 : random.Next(union.Branches.Count)], depth + 1),
        RecordSchema record => new AvroRecord(record, [.. record.Fields.Select(field => Value(field.Schema, depth + 1))]),
        ArraySchema array => Enumerable.Range(0, random.Next(4)).Select(_ => Value(array.Items, depth + 1)).ToList(),
        MapSchema map => Enumerable.Range(0, random.Next(4)).ToDictionary(place => $"k{place}", _ => Value(map.Values, depth + 1)),
        EnumSchema choice => new AvroEnum(choice, random.Next(choice.Symbols.Count)),
        FixedSchema size => new AvroFixed(size, Bytes(size.Size)),
        { Kind: AvroKind.Null } => null,
        { Kind: AvroKind.Boolean } => random.Next(2) == 0,
        { Kind: AvroKind.Int } => (int)(random.NextInt64() >> random.Next(64)),
        { Kind: AvroKind.Long } => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        { Kind: AvroKind.Float } => random.Next(9) == 0 ? float.NaN : (float)(random.NextDouble() * Math.Pow(10, random.Next(-40, 40))),
        { Kind: AvroKind.Double } => random.Next(9) == 0 ? double.NegativeInfinity : random.NextDouble() * Math.Pow(10, random.Next(-300, 300)),
        { Kind: AvroKind.Bytes } => Bytes(random.Next(40)),
        _ => string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ => new Rune(random.Next(8) == 0 ? 0x1F600 : random.Next(1, 0xD800)))),
    };

    public byte[] Change(byte[] bytes)
    {
        if (random.Next(4) == 0) return Bytes(random.Next(50));
        byte[] changed = [.. bytes.AsSpan(0, random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length)];
        for (int change = random.Next(4); change > 0 && changed.Length > 0; change--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
        return changed;
    }

    public string Change(string text)
    {
        const string Signs = "{}[]\",:0a\\";
        var changed = new StringBuilder(text);
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int place = random.Next(changed.Length);
            if (random.Next(2) == 0) changed[place] = Signs[random.Next(Signs.Length)];
            else changed.Remove(place, Math.Min(random.Next(1, 12), changed.Length - place - 1));
        }
        return changed.ToString();
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
