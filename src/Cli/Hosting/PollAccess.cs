using System.Collections.Concurrent;
using System.Net.Sockets;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Jobs.Steps.Polling;
using Etl.Jobs.Weather;
using Etl.Metadata;
using Etl.Sources;
using Etl.Sources.Climate;
using Etl.Sources.OpenMeteo;
using Etl.Sources.Weather;

namespace Etl.Cli.Hosting;

/// <summary>What polls run with in this call: the sources, and the way into the topics.</summary>
public sealed class PollAccess : IAsyncDisposable
{
    private static readonly TimeSpan ReachMax = TimeSpan.FromSeconds(3);

    private readonly TopicSender _sender;
    private readonly HttpClient? _http;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<PollStep, IJob> _jobs = [];

    private PollAccess(TopicSender sender, IWeatherSource weather, HttpClient? http, TimeProvider clock) => (_sender, Weather, _http, _clock) = (sender, weather, http, clock);

    public IWeatherSource Weather { get; }

    /// <summary>Where the weather is from, in words: made-up weather is never shown without saying so.</summary>
    public static string Told(IWeatherSource weather) => weather.IsOffline ? $"{weather.Name}: made-up weather, no network is used; Etl__Weather__Source=open-meteo asks the service" : weather.Name;

    /// <param name="limits">What the service allows; null for Open-Meteo's free plan.</param>
    public static async Task<PollAccess> OpenAsync(WeatherSettings settings, TopicAccess topics, ISourceLedger ledger, TimeProvider clock, CancellationToken cancel, SourceLimits? limits = null)
    {
        var sender = new TopicSender(topics.Kafka, topics.Schemas);
        if (settings.Source == WeatherSettings.Climate || (settings.Source == WeatherSettings.Auto && !await IsReachedAsync(new Uri(settings.ForecastUrl), clock, cancel))) return new(sender, new ClimateSource(), null, clock);
        var http = OpenMeteoClient.CreateHttp();
        return new(sender, new OpenMeteoClient(http, settings.Options, new StoreBudget(ledger, WeatherSettings.OpenMeteo, limits ?? new SourceLimits()), clock), http, clock);
    }

    public IJob? JobOf(PollStep step) =>
        step.Source == MainDag.Source ? _jobs.GetOrAdd(step, poll => new Poll(new WeatherPolls(poll, Weather, _clock), _sender)) : null;

    public ValueTask DisposeAsync()
    {
        (Weather as IDisposable)?.Dispose();
        _http?.Dispose();
        _sender.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether somebody listens there; nothing is asked of it.</summary>
    private static async Task<bool> IsReachedAsync(Uri address, TimeProvider clock, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(ReachMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, either.Token);
            return true;
        }
        catch (Exception trouble) when (trouble is SocketException || (trouble is OperationCanceledException && !cancel.IsCancellationRequested)) { return false; }
    }
}
