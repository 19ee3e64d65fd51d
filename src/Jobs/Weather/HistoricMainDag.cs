using Etl.Contracts.Workflow;
using Etl.Sources.Weather;

namespace Etl.Jobs.Weather;

/// <summary>History of any places and dates, fetched a month of a place at a time. It only fetches: what it sends, <see cref="MainDag"/> lands and builds, so that each window has one owner.</summary>
/// <remarks>Takes over from the Airflow DAG of this name.</remarks>
/// <param name="main">The DAG whose landings it feeds.</param>
public sealed class HistoricMainDag(Dag main) : IDagSource
{
    public Dag Define()
    {
        var dag = new Dag("historic_main") { Zone = WeatherDefaults.Zone, Arguments = new WeatherArguments(isHistoric: true) };
        dag.Poll("poll_archive", MainDag.Source, into: [.. main.Steps.OfType<LandStep>()]);
        return dag;
    }
}
