using Etl.Codecs.Avro;
using Etl.Topics.Registry;

namespace Etl.Topics;

/// <summary>The schemas of topics' values, under the subject that Confluent's clients take by default: <c>&lt;topic&gt;-value</c>.</summary>
public sealed class TopicSchemas(SchemaDirectory directory)
{
    public static string SubjectOf(string topic) => topic + "-value";

    /// <summary>Registers the schema of generated records, and returns its id for <see cref="TopicProducer.Send{TRecord}"/>.</summary>
    /// <exception cref="TopicException">The registry refused the schema, or cannot be reached.</exception>
    public Task<int> RegisterAsync<TRecord>(string topic, CancellationToken cancel)
        where TRecord : IAvroRecord => RegisterAsync(topic, TRecord.SubjectSchema.Text, cancel);

    /// <exception cref="TopicException">The registry refused the schema, or cannot be reached.</exception>
    public async Task<int> RegisterAsync(string topic, string schemaText, CancellationToken cancel)
    {
        try
        {
            return await directory.RegisterAsync(SubjectOf(topic), schemaText, cancel);
        }
        catch (RegistryException cause)
        {
            throw new TopicException(cause.Message, cause.IsTransient, cause);
        }
    }

    /// <summary>The text of a record's schema id: found, or no such id.</summary>
    /// <exception cref="TopicException">The registry cannot be reached: the partition waits.</exception>
    public async ValueTask<SchemaLookup> TextOfAsync(int id, CancellationToken cancel)
    {
        try
        {
            return await directory.TextOfAsync(id, cancel);
        }
        catch (RegistryException cause)
        {
            throw new TopicException(cause.Message, cause.IsTransient, cause);
        }
    }
}
