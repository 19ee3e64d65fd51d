using Etl.Codecs.Avro;
using Etl.Codecs.Columns;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Jobs.Steps.Landing;

/// <summary>How to read a record, by the id of the schema it was written in. Ids are asked for once, in the middle of reading: that waits for the registry.</summary>
public sealed class WriterPlans(ColumnShape shape, TopicSchemas schemas, CancellationToken cancel)
{
    /// <summary>Ids remembered; beyond them all are asked for anew, from the registry's cache on disk.</summary>
    private const int KnownMax = 10_000;

    private readonly Dictionary<int, WriterPlan> _known = [];
    private int _lastId = -1;
    private WriterPlan? _last;

    /// <exception cref="TopicException">The registry cannot be reached.</exception>
    public WriterPlan Find(int id)
    {
        if (id == _lastId) return _last!;
        if (!_known.TryGetValue(id, out var plan))
        {
            if (_known.Count == KnownMax) _known.Clear();
            _known.Add(id, plan = Make(id));
        }
        (_lastId, _last) = (id, plan);
        return plan;
    }

    private WriterPlan Make(int id)
    {
        if (id < 0) return new(null, RejectReason.UnknownSchemaId, $"schema id {id}: expected 0 or more");
        if (schemas.TextOfAsync(id, cancel).AsTask().GetAwaiter().GetResult() is not SchemaLookup.Found found)
            return new(null, RejectReason.UnknownSchemaId, $"schema id {id}: the registry has none such");
        try { return new(ColumnPlan.Compile(SchemaParser.Parse(found.Text), shape), "", ""); }
        catch (SchemaException error) { return new(null, RejectReason.UnreadableSchema, $"schema id {id}: {error.Message}"); }
    }
}

/// <param name="Columns">null: records of this id cannot be read, for the reason given.</param>
public sealed record WriterPlan(ColumnPlan? Columns, string Reason, string Detail);
