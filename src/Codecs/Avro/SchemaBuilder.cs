using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>Makes the schema graph of one text: first a shell for each definition, so that names may be used before it, then the content, then the checks that need all of it.</summary>
internal sealed class SchemaBuilder(SchemaLimits limits)
{
    private static readonly HashSet<string> ReservedForSchema = ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];
    private static readonly HashSet<string> ReservedForField = ["default", "doc", "name", "order", "type", "aliases"];

    private readonly Dictionary<string, (NamedSchema Shell, JsonElement Definition)> named = [];
    private readonly HashSet<string> filled = [];
    private readonly List<(RecordField Field, string Path)> withDefault = [];

    public AvroSchema Build(JsonElement root)
    {
        Declare(root, "", "$", 1);
        var schema = Make(root, "", "$");
        var check = new DefaultCheck();
        foreach (var (field, path) in withDefault) check.Demand(field, path);
        new SchemaExtent(limits).Demand(schema);
        return schema;
    }

    private void Declare(JsonElement json, string @namespace, string path, int depth)
    {
        if (depth > limits.DepthMax) throw Refused($"more than {limits.DepthMax} schemas inside each other", $"at most {limits.DepthMax} ({nameof(SchemaLimits.DepthMax)})", path);
        if (json.ValueKind == JsonValueKind.Array)
        {
            int place = 0;
            foreach (var branch in json.EnumerateArray()) Declare(branch, @namespace, $"{path}[{place++}]", depth + 1);
        }
        if (json.ValueKind != JsonValueKind.Object) return;
        switch (TypeOf(json, path))
        {
            case "array" when json.TryGetProperty("items", out var items):
                Declare(items, @namespace, path + ".items", depth + 1);
                break;
            case "map" when json.TryGetProperty("values", out var values):
                Declare(values, @namespace, path + ".values", depth + 1);
                break;
            case "enum" or "fixed" or "record" or "error":
                var shell = AddShell(json, @namespace, path);
                if (shell is not RecordSchema) break;
                int position = 0;
                foreach (var field in ArrayOf(json, "fields", path))
                {
                    if (field.ValueKind == JsonValueKind.Object && field.TryGetProperty("type", out var type)) Declare(type, shell.Namespace, $"{path}.fields[{position}].type", depth + 1);
                    position++;
                }
                break;
        }
    }

    private NamedSchema AddShell(JsonElement json, string @namespace, string path)
    {
        var name = NameOf(json, @namespace, path);
        if (named.TryGetValue(name.Full, out var before))
        {
            if (JsonElement.DeepEquals(before.Definition, json)) return before.Shell;
            throw Refused($"a second, different definition of {name.Full}", "one definition", path);
        }
        if (named.Count == limits.NamesMax) throw Refused($"more than {limits.NamesMax:N0} named types", $"at most {limits.NamesMax:N0} ({nameof(SchemaLimits.NamesMax)})", path);
        NamedSchema shell = TypeOf(json, path) switch
        {
            "enum" => new EnumSchema(name, SymbolsOf(json, path), EnumDefaultOf(json, path)),
            "fixed" => new FixedSchema(name, SizeOf(json, path)),
            var type => new RecordSchema(name, isError: type == "error"),
        };
        if (shell is EnumSchema { Default: { } symbol } choice && choice.PlaceOf(symbol) < 0) throw Refused($"default {Show(symbol)}", "one of the enum's symbols", path + ".default");
        shell.Doc = TextOf(json, "doc");
        shell.Aliases = [.. AliasesOf(json, path).Select(alias => Valid(SchemaName.Of(alias, shell.Namespace), path + ".aliases").Full)];
        named.Add(name.Full, (shell, json));
        return shell;
    }

    private AvroSchema Make(JsonElement json, string @namespace, string path)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return Refer(json.GetString()!, @namespace, path);
            case JsonValueKind.Array:
                return MakeUnion(json, @namespace, path);
            case JsonValueKind.Object:
                string type = TypeOf(json, path);
                AvroSchema schema = type switch
                {
                    "array" => new ArraySchema(Make(Required(json, "items", path), @namespace, path + ".items")),
                    "map" => new MapSchema(Make(Required(json, "values", path), @namespace, path + ".values")),
                    "enum" or "fixed" => named[NameOf(json, @namespace, path).Full].Shell,
                    "record" or "error" => Fill((RecordSchema)named[NameOf(json, @namespace, path).Full].Shell, json, path),
                    _ => Refer(type, @namespace, path + ".type"),
                };
                bool isReference = schema is NamedSchema && type is not ("enum" or "fixed" or "record" or "error");
                if (isReference) return schema;
                schema.Attributes = AttributesOf(json, ReservedForSchema, except: schema is EnumSchema ? "default" : null);
                schema.LogicalType = LogicalType.Of(schema);
                return schema;
            default:
                throw Refused(Show(json), "a type's name, an object with \"type\", or an array of branches", path);
        }
    }

    private AvroSchema Refer(string name, string @namespace, string path)
    {
        if (AvroKindNames.TryPrimitive(name, out var kind)) return new PrimitiveSchema(kind);
        var full = SchemaName.Of(name, @namespace);
        if (named.TryGetValue(full.Full, out var found) || named.TryGetValue(full.Name, out found) && !name.Contains('.')) return found.Shell;
        throw Refused($"type {Show(name)}", "a primitive type or a name defined in this text", path);
    }

    private UnionSchema MakeUnion(JsonElement json, string @namespace, string path)
    {
        Demand(json.GetArrayLength(), path);
        var branches = new List<AvroSchema>();
        var names = new HashSet<string>();
        foreach (var element in json.EnumerateArray())
        {
            string place = $"{path}[{branches.Count}]";
            var branch = Make(element, @namespace, place);
            if (branch is UnionSchema) throw Refused("a union directly inside a union", "any other schema", place);
            if (!names.Add(branch.BranchName)) throw Refused($"a second branch {branch.BranchName}", "each type once in a union", place);
            branches.Add(branch);
        }
        return new(branches);
    }

    private RecordSchema Fill(RecordSchema record, JsonElement json, string path)
    {
        if (!filled.Add(record.FullName)) return record; // an identical second definition
        var elements = ArrayOf(json, "fields", path);
        Demand(json.GetProperty("fields").GetArrayLength(), path + ".fields");
        var fields = new List<RecordField>();
        var names = new HashSet<string>();
        foreach (var element in elements)
        {
            var field = MakeField(element, fields.Count, record.Namespace, $"{path}.fields[{fields.Count}]");
            if (!names.Add(field.Name)) throw Refused($"a second field {Show(field.Name)}", "each field name once in a record", $"{path}.fields[{fields.Count}]");
            fields.Add(field);
        }
        record.Fields = fields;
        return record;
    }

    private RecordField MakeField(JsonElement json, int position, string @namespace, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Refused(Show(json), "a field: an object with \"name\" and \"type\"", path);
        string name = TextOf(json, "name") ?? throw Refused("no text in \"name\"", "a field's name", path);
        if (!SchemaName.IsName(name, limits.StrictNames)) throw Refused($"field name {Show(name)}", NameRule, path + ".name");
        var schema = Make(Required(json, "type", path), @namespace, path + ".type");
        var field = new RecordField(name, position, schema)
        {
            Doc = TextOf(json, "doc"),
            Aliases = AliasesOf(json, path),
            Default = json.TryGetProperty("default", out var value) ? value : null,
            Order = OrderOf(json, path),
            Attributes = AttributesOf(json, ReservedForField, except: null),
        };
        if (field.HasDefault) withDefault.Add((field, path + ".default"));
        return field;
    }

    private string NameRule => limits.StrictNames ? "[A-Za-z_][A-Za-z0-9_]*" : "a letter or _, then letters, digits and _";

    private SchemaName NameOf(JsonElement json, string @namespace, string path)
    {
        string name = TextOf(json, "name") ?? throw Refused("no text in \"name\"", "a name", path);
        if (json.TryGetProperty("namespace", out var given))
            @namespace = given.ValueKind == JsonValueKind.String ? given.GetString()! : throw Refused(Show(given), "text", path + ".namespace");
        var full = Valid(SchemaName.Of(name, @namespace), path + ".name");
        return AvroKindNames.TryPrimitive(full.Full, out _) ? throw Refused($"name {Show(name)}", "a name that is not a primitive type's", path + ".name") : full;
    }

    private SchemaName Valid(SchemaName name, string path) => name.IsValid(limits.StrictNames) ? name : throw Refused($"name {Show(name.Full)}", NameRule, path);

    private List<string> SymbolsOf(JsonElement json, string path)
    {
        var symbols = new List<string>();
        var seen = new HashSet<string>();
        foreach (var element in ArrayOf(json, "symbols", path))
        {
            string place = $"{path}.symbols[{symbols.Count}]";
            string symbol = element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Refused(Show(element), "a symbol", place);
            if (!SchemaName.IsName(symbol, limits.StrictNames)) throw Refused($"symbol {Show(symbol)}", NameRule, place);
            if (!seen.Add(symbol)) throw Refused($"a second symbol {symbol}", "each symbol once", place);
            symbols.Add(symbol);
        }
        Demand(symbols.Count, path + ".symbols");
        return symbols;
    }

    private static string? EnumDefaultOf(JsonElement json, string path) =>
        !json.TryGetProperty("default", out var value) ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Refused(Show(value), "a symbol", path + ".default");

    private static int SizeOf(JsonElement json, string path)
    {
        var size = Required(json, "size", path);
        return size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out int bytes) && bytes >= 0 ? bytes : throw Refused(Show(size), "a whole number from 0 to 2,147,483,647", path + ".size");
    }

    private static FieldOrder OrderOf(JsonElement json, string path) => !json.TryGetProperty("order", out var order) ? FieldOrder.Ascending : TextOf(json, "order") switch
    {
        "ascending" => FieldOrder.Ascending,
        "descending" => FieldOrder.Descending,
        "ignore" => FieldOrder.Ignore,
        _ => throw Refused(Show(order), "\"ascending\", \"descending\" or \"ignore\"", path + ".order"),
    };

    private static List<string> AliasesOf(JsonElement json, string path) => !json.TryGetProperty("aliases", out _) ? [] :
        [.. ArrayOf(json, "aliases", path).Select(alias => alias.ValueKind == JsonValueKind.String ? alias.GetString()! : throw Refused(Show(alias), "an alias as text", path + ".aliases"))];

    private static IReadOnlyDictionary<string, JsonElement> AttributesOf(JsonElement json, HashSet<string> reserved, string? except)
    {
        Dictionary<string, JsonElement>? attributes = null;
        foreach (var property in json.EnumerateObject())
        {
            if (!reserved.Contains(property.Name) && property.Name != except) (attributes ??= [])[property.Name] = property.Value;
        }
        return attributes ?? AvroSchema.NoAttributes;
    }

    private static string TypeOf(JsonElement json, string path) => TextOf(json, "type") ?? throw Refused("no text in \"type\"", "an object with a type's name in \"type\"", path);

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement.ArrayEnumerator ArrayOf(JsonElement json, string name, string path) =>
        Required(json, name, path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : throw Refused(Show(json.GetProperty(name)), "an array", $"{path}.{name}");

    private static JsonElement Required(JsonElement json, string name, string path) => json.TryGetProperty(name, out var value) ? value : throw Refused($"no \"{name}\"", $"\"{name}\"", path);

    private void Demand(int count, string path)
    {
        if (count > limits.FieldsMax) throw Refused($"{count:N0} entries", $"at most {limits.FieldsMax:N0} ({nameof(SchemaLimits.FieldsMax)})", path);
    }

    internal static SchemaException Refused(string found, string expected, string path) => new(new(found, expected, path));

    internal static string Show(JsonElement json) => Show(json.GetRawText(), quote: false);

    private static string Show(string text, bool quote = true)
    {
        string cut = text.Length <= 60 ? text : text[..60] + "…";
        return quote ? $"\"{cut}\"" : cut;
    }
}
