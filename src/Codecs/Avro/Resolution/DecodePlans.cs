using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro.Resolution;

/// <summary>Plans by (writer, reader), the same schema objects. At most so many: the oldest goes first. Safe for any number of threads.</summary>
public sealed class DecodePlans(int plansMax = 256)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(AvroSchema, AvroSchema), DecodePlan> plans = new(new ByReference());
    private readonly Queue<(AvroSchema, AvroSchema)> order = [];

    public int Count
    {
        get
        {
            lock (gate) return plans.Count;
        }
    }

    public DecodePlan Of(AvroSchema writer, AvroSchema reader)
    {
        lock (gate)
        {
            if (plans.TryGetValue((writer, reader), out var known)) return known;
            if (plans.Count >= plansMax) plans.Remove(order.Dequeue());
            order.Enqueue((writer, reader));
            return plans[(writer, reader)] = DecodePlan.Of(writer, reader);
        }
    }

    private sealed class ByReference : IEqualityComparer<(AvroSchema, AvroSchema)>
    {
        public bool Equals((AvroSchema, AvroSchema) left, (AvroSchema, AvroSchema) right) => ReferenceEquals(left.Item1, right.Item1) && ReferenceEquals(left.Item2, right.Item2);

        public int GetHashCode((AvroSchema, AvroSchema) pair) => HashCode.Combine(RuntimeHelpers.GetHashCode(pair.Item1), RuntimeHelpers.GetHashCode(pair.Item2));
    }
}
