using System.Buffers;
using System.Net;
using System.Text.Json;
using Etl.Contracts.Workflow;

namespace Etl.Sources.OpenMeteo;

/// <summary>Makes one call: budget, request, body within its bounds, trouble by its class, the answer checked.</summary>
internal sealed class OpenMeteoTransport(HttpClient http, OpenMeteoOptions options, ISourceBudget budget, TimeProvider time) : IDisposable
{
    private const int ErrorBytesMax = 16 << 10;

    private readonly SemaphoreSlim turns = new(options.ParallelCallsMax);
    private long calls;

    public long Calls => Interlocked.Read(ref calls);

    /// <exception cref="SourceException">The call was not allowed, not answered, or not with what was asked.</exception>
    public async Task<List<PlaceAnswer>> AskAsync(OpenMeteoCall call, CancellationToken cancel)
    {
        await turns.WaitAsync(cancel);
        try
        {
            if (await budget.ReserveAsync(call.Lane, call.Weight, cancel) is var wait && wait > TimeSpan.Zero)
                throw new SourceException(FailureClass.Throttled, $"{call}: found no room in the budget for a {call.Lane} call of weight {call.Weight:0.#}, expected some in {wait.TotalSeconds:N0} s", wait);
            Interlocked.Increment(ref calls);
            using var timeout = new CancellationTokenSource(options.Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
            try { return Read(call, await GetAsync(call, either.Token)); }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new SourceException(FailureClass.Transient, $"{call}: found no whole answer, expected one within {options.Timeout.TotalSeconds:N0} s");
            }
            catch (Exception trouble) when (trouble is HttpRequestException or IOException or InvalidDataException)
            {
                throw new SourceException(FailureClass.Transient, $"{call}: found no whole answer, expected one: {trouble.Message}", inner: trouble);
            }
        }
        finally { turns.Release(); }
    }

    public void Dispose() => turns.Dispose();

    private async Task<ReadOnlyMemory<byte>> GetAsync(OpenMeteoCall call, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, call.Url(options));
        request.Headers.UserAgent.Add(new("etl", null));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var (start, _) = await ReadAsync(body, ErrorBytesMax, cancel);
            var trouble = OpenMeteoTrouble.Of(call.ToString(), response.StatusCode, response.Headers.RetryAfter, start.Span, time.GetUtcNow());
            if (trouble.RetryAfter is { } pause) await budget.HoldAsync(pause, cancel); // whoever asks next need not find out again
            throw trouble;
        }
        var (bytes, isWhole) = await ReadAsync(body, options.AnswerBytesMax, cancel);
        return isWhole ? bytes : throw new SourceException(FailureClass.Contract, $"{call}: found more than {options.AnswerBytesMax:N0} bytes, expected at most so many: ask for less at once");
    }

    private static List<PlaceAnswer> Read(OpenMeteoCall call, ReadOnlyMemory<byte> body)
    {
        try
        {
            var answers = AnswerReader.Read(body.Span, call.Section);
            AnswerCheck.Check(call, answers);
            return answers;
        }
        catch (AnswerShapeException shape) { throw new SourceException(FailureClass.Contract, $"{call}: {shape.Message}", inner: shape); }
        catch (JsonException cut)
        {
            // The service begins to answer before it has all: an error on the way leaves 200 and a body that breaks off.
            throw new SourceException(FailureClass.Transient, $"{call}: found no whole JSON in {body.Length:N0} bytes, expected an answer: {cut.Message}", inner: cut);
        }
    }

    /// <summary>At most so many bytes, and whether they were all.</summary>
    private static async Task<(ReadOnlyMemory<byte> Bytes, bool IsWhole)> ReadAsync(Stream body, int bytesMax, CancellationToken cancel)
    {
        const int Step = 16 << 10;
        var bytes = new ArrayBufferWriter<byte>(Step);
        while (await body.ReadAsync(bytes.GetMemory(Step), cancel) is var read && read > 0)
        {
            bytes.Advance(read);
            if (bytes.WrittenCount > bytesMax) return (bytes.WrittenMemory[..bytesMax], false);
        }
        return (bytes.WrittenMemory, true);
    }
}
