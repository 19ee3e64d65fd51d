namespace Etl.Tests.Conformance.Registry;

/// <summary>Apicurio, or any registry that ETL_TEST_REGISTRY names: base address with its path.</summary>
public sealed class ApicurioRegistryConformance : RegistryConformance
{
    protected override Task<Uri> StartAsync()
    {
        string? address = Environment.GetEnvironmentVariable("ETL_TEST_REGISTRY");
        if (string.IsNullOrEmpty(address)) Assert.Skip("ETL_TEST_REGISTRY is not set: expected the base address of a schema registry");
        return Task.FromResult(new Uri(address!));
    }
}
