using Etl.Sources.Climate;
using Etl.Sources.Weather;

namespace Etl.Tests.Conformance.Sources.Climate;

public sealed class ClimateSourceConformance : WeatherSourceConformance
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override ValueTask<IWeatherSource> OpenAsync() => ValueTask.FromResult<IWeatherSource>(new ClimateSource());
}
