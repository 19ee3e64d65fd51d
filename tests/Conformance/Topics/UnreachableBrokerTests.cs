using System.Diagnostics;
using Etl.Topics;

namespace Etl.Tests.Conformance.Topics;

public sealed class UnreachableBrokerTests
{
    [Fact]
    public async Task No_broker_at_the_address_is_told_within_the_timeout_as_transient()
    {
        var kafka = new KafkaOptions { BootstrapServers = "127.0.0.1:1", RequestTimeout = TimeSpan.FromSeconds(1) };
        var watch = Stopwatch.StartNew();
        using var admin = new TopicAdmin(kafka);
        foreach (Func<Task> call in (Func<Task>[])
            [
                () => admin.EnsureAsync(new("t", 1), TestContext.Current.CancellationToken),
                () => admin.ListAsync(TestContext.Current.CancellationToken),
                () => admin.DeleteAsync("t", TestContext.Current.CancellationToken),
                () => TopicReader.OpenAsync(kafka, "t", TestContext.Current.CancellationToken),
                () => TopicProducer.OpenAsync(kafka, "t", new(), TestContext.Current.CancellationToken),
            ])
        {
            var trouble = await Should.ThrowAsync<TopicException>(call);
            trouble.IsTransient.ShouldBeTrue(trouble.Message);
            trouble.Message.ShouldContain("no Kafka broker answered at 127.0.0.1:1");
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }
}
