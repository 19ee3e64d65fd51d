using Etl.Sources;
using Etl.Sources.OpenMeteo;
using Etl.Sources.Weather;

namespace Etl.Tests.Conformance.Sources.OpenMeteo;

public sealed class OpenMeteoConformance : WeatherSourceConformance
{
    private readonly StubOpenMeteo server = new();
    private readonly HttpClient http = OpenMeteoClient.CreateHttp();

    public override async ValueTask DisposeAsync()
    {
        (Source as IDisposable)?.Dispose();
        http.Dispose();
        await server.DisposeAsync();
    }

    protected override ValueTask<IWeatherSource> OpenAsync() => ValueTask.FromResult<IWeatherSource>(new OpenMeteoClient(
        http, new() { ForecastUrl = server.Address + "/v1/dwd-icon", ArchiveUrl = server.Address + "/v1/archive" }, new SourceBudget(new(), TimeProvider.System), TimeProvider.System));
}
