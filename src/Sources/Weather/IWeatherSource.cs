using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>Where weather comes from: the service, or the offline climate of the same shape.</summary>
public interface IWeatherSource
{
    /// <summary>What it is, for messages and pages: <c>open-meteo</c> or <c>climate</c>.</summary>
    string Name { get; }

    /// <summary>Whether it answers without the internet, with made-up weather; whoever shows its values says so.</summary>
    bool IsOffline { get; }

    /// <summary>Calls made so far, failed ones too; without a network a request counts as one.</summary>
    long Calls { get; }

    /// <summary>One record of each place and full UTC hour of the request, place by place in the order asked, hours ascending; all of them or an exception.</summary>
    /// <exception cref="SourceException">The source did not answer, or not with what was asked for.</exception>
    Task<IReadOnlyList<HourlyMetrics>> HourlyAsync(HourlyRequest request, CancellationToken cancel);

    /// <summary>One record of each place and local date of the request, place by place in the order asked, dates ascending; all of them or an exception.</summary>
    /// <exception cref="SourceException">The source did not answer, or not with what was asked for.</exception>
    Task<IReadOnlyList<DailyMetrics>> DailyAsync(DailyRequest request, CancellationToken cancel);

    /// <summary>What <see cref="HourlyAsync"/> would take from the source's limits now; nothing is asked.</summary>
    SourceCost CostOf(HourlyRequest request);

    /// <summary>What <see cref="DailyAsync"/> would take from the source's limits now; nothing is asked.</summary>
    SourceCost CostOf(DailyRequest request);
}
