using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Etl.Sources.Climate;
using Etl.Sources.Weather;

namespace Etl.Tests.Conformance.Sources.OpenMeteo;

/// <summary>A server that answers as Open-Meteo does, with the climate's weather, and fails as it does when told to.</summary>
internal sealed class StubOpenMeteo : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;
    private readonly ClimateSource climate = new();

    public StubOpenMeteo()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Path and query of all that was asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Changes the good answer into what is sent.</summary>
    public Func<StubAnswer, StubAnswer> Change { get; set; } = answer => answer;

    /// <summary>The offset that days are cut by, whatever the season: the service takes that of today.</summary>
    public int UtcOffsetSeconds { get; set; } = 3_600;

    public async ValueTask DisposeAsync()
    {
        if (serving.IsCompleted) return; // a test has stopped it already
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException) { }
        await Task.WhenAll(open);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            if (await reader.ReadLineAsync(stop.Token) is not { } line) return; // a caller that was killed before it asked
            string target = line.Split(' ')[1];
            bool takesGzip = false;
            while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } header) takesGzip |= header.StartsWith("Accept-Encoding", StringComparison.OrdinalIgnoreCase) && header.Contains("gzip", StringComparison.Ordinal);
            Asked.Enqueue(target);
            var answer = Change(new() { Target = target, Body = await GoodBodyAsync(Query(target)) });
            byte[] body = answer.IsCompressed && takesGzip ? Compressed(answer.Body) : Encoding.UTF8.GetBytes(answer.Body);
            string head = $"HTTP/1.1 {answer.Status} X\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{(answer.IsCompressed && takesGzip ? "Content-Encoding: gzip\r\n" : "")}{answer.Header}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop.Token);
            int half = answer.IsCut || answer.Pause > TimeSpan.Zero ? body.Length / 2 : body.Length;
            await stream.WriteAsync(body.AsMemory(0, half), stop.Token);
            if (answer.IsCut) return;
            await Task.Delay(answer.Pause, stop.Token);
            await stream.WriteAsync(body.AsMemory(half), stop.Token);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException) { }
    }

    private async Task<string> GoodBodyAsync(Dictionary<string, string> query)
    {
        var places = query["latitude"].Split(',').Zip(query["longitude"].Split(','), (north, east) => new Place(Number(north), Number(east))).ToList();
        var (first, last) = (Date(query["start_date"]), Date(query["end_date"]));
        var start = new DateTimeOffset(first.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        bool isHourly = query.ContainsKey("hourly");
        string[] names = query[isHourly ? "hourly" : "daily"].Split(',');
        var answers = new List<object>();
        foreach (var place in places)
        {
            int offset = isHourly ? 0 : UtcOffsetSeconds;
            var hours = await climate.HourlyAsync(new() { Places = [place], From = start.AddSeconds(-offset), To = start.AddDays(last.DayNumber - first.DayNumber + 1).AddSeconds(-offset), Variables = HourlyVariables.All }, stop.Token);
            var days = hours.Chunk(24).ToList();
            string section = isHourly ? "hourly" : "daily";
            var units = new Dictionary<string, string> { ["time"] = "iso8601" };
            var columns = new Dictionary<string, object>
            {
                ["time"] = isHourly ? hours.Select(hour => Written(hour.Hour, "yyyy-MM-dd'T'HH:mm")) : days.Select(day => Written(day[0].Hour.AddSeconds(offset), "yyyy-MM-dd")),
            };
            foreach (string name in names)
            {
                var hourly = HourlyVariables.All.FirstOrDefault(variable => isHourly && variable.Name == name);
                var daily = DailyVariables.All.FirstOrDefault(variable => !isHourly && variable.Name == name);
                units[name] = hourly?.Unit ?? daily!.Unit;
                columns[name] = hourly is not null ? hours.Select(hourly.Of) : days.Select(day => daily!.Over(day));
            }
            answers.Add(new Dictionary<string, object>
            {
                ["latitude"] = place.Latitude + 0.01, ["longitude"] = place.Longitude, ["generationtime_ms"] = 0.4, ["utc_offset_seconds"] = offset, ["timezone"] = query["timezone"],
                ["timezone_abbreviation"] = "GMT+1", ["elevation"] = 38.0, [section + "_units"] = units, [section] = columns,
            });
        }
        return JsonSerializer.Serialize(answers.Count == 1 ? answers[0] : answers);
    }

    private static Dictionary<string, string> Query(string target) =>
        target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]));

    private static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Written(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>What the stub sends.</summary>
internal sealed record StubAnswer
{
    /// <summary>Path and query that it answers.</summary>
    public string Target { get; init; } = "";

    public int Status { get; init; } = 200;

    /// <summary>Lines with their ends.</summary>
    public string Header { get; init; } = "";

    public required string Body { get; init; }

    public bool IsCompressed { get; init; } = true;

    /// <summary>Whether the connection ends after half the body.</summary>
    public bool IsCut { get; init; }

    /// <summary>How long it rests after half the body.</summary>
    public TimeSpan Pause { get; init; }
}
