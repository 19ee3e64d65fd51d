using System.Diagnostics;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Tests.Conformance.Registry;

public sealed class UnreachableRegistryTests
{
    [Fact]
    public async Task No_registry_at_the_address_is_told_within_the_timeout_as_transient()
    {
        string folder = Directory.CreateTempSubdirectory("etl-schemas-").FullName;
        using var directory = new SchemaDirectory(new() { Endpoint = new("http://127.0.0.1:1"), CacheFolder = folder, Attempts = 2 });
        var schemas = new TopicSchemas(directory);
        var watch = Stopwatch.StartNew();
        foreach (Func<Task> call in (Func<Task>[])
            [() => schemas.RegisterAsync("t", "\"int\"", TestContext.Current.CancellationToken), () => schemas.TextOfAsync(1, TestContext.Current.CancellationToken).AsTask()])
        {
            var trouble = await Should.ThrowAsync<TopicException>(call);
            trouble.IsTransient.ShouldBeTrue();
            trouble.Message.ShouldContain("no answer from the schema registry at http://127.0.0.1:1");
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        Directory.Delete(folder, recursive: true);
    }
}
