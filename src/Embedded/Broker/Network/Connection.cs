using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Etl.Codecs.Kafka;
using Etl.Embedded.Broker.Requests;

namespace Etl.Embedded.Broker.Network;

/// <summary>
/// One client. It reads a request, answers it, and reads the next, so answers leave in the order of the requests; what the client sent ahead waits in
/// the socket. A waiting Fetch holds up its own connection only.
/// </summary>
internal sealed class Connection(Socket socket, ApiTable apis, MemoryBudget memory, int frameBytesMax) : IDisposable
{
    /// <summary>Requests up to this size need no further memory; Produce with larger ones takes it from the common budget.</summary>
    private const int BufferBytes = 32 << 10;

    /// <summary>Requests other than Produce: lists of topics, far smaller than records.</summary>
    private const int ControlFrameBytesMax = 4 << 20;

    private const int LengthBytes = 4;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Request _request = new();
    private readonly AnswerSender _sender = new(socket);
    private int _start;
    private int _end;

    /// <summary>Serves the client until it goes, errs, or <paramref name="cancel"/> ends the broker.</summary>
    public async Task ServeAsync(CancellationToken cancel)
    {
        while (await FillAsync(LengthBytes, cancel))
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
            if (length < 8 || length > frameBytesMax) return;
            _start += LengthBytes;
            if (!(length <= BufferBytes - LengthBytes ? await ServeSmallAsync(length, cancel) : await ServeLargeAsync(length, cancel))) return;
        }
    }

    public void Dispose()
    {
        _request.Dispose();
        _sender.Dispose();
        socket.Dispose();
    }

    private async ValueTask<bool> ServeSmallAsync(int length, CancellationToken cancel)
    {
        if (!await FillAsync(length, cancel)) return false;
        var frame = _buffer.AsMemory(_start, length);
        _start += length;
        return await AnswerAsync(frame, cancel);
    }

    private async ValueTask<bool> ServeLargeAsync(int length, CancellationToken cancel)
    {
        if (!await FillAsync(sizeof(short), cancel)) return false;
        bool isProduce = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start)) == (short)ApiKey.Produce;
        if (!isProduce && length > ControlFrameBytesMax) return false;
        await memory.TakeAsync(length).WaitAsync(cancel);
        byte[] frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int read = Math.Min(length, _end - _start);
            _buffer.AsSpan(_start, read).CopyTo(frame);
            _start += read;
            while (read < length)
            {
                int count = await socket.ReceiveAsync(frame.AsMemory(read, length - read), cancel);
                if (count == 0) return false;
                read += count;
            }
            return await AnswerAsync(frame.AsMemory(0, length), cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
            memory.Give(length);
        }
    }

    // Reads until the buffer holds that many bytes; false if the client went before.
    private async ValueTask<bool> FillAsync(int bytes, CancellationToken cancel)
    {
        if (_end - _start >= bytes) return true;
        if (_start + bytes > BufferBytes || _start == _end)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        while (_end - _start < bytes)
        {
            int count = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancel);
            if (count == 0) return false;
            _end += count;
        }
        return true;
    }

    private async ValueTask<bool> AnswerAsync(Memory<byte> frame, CancellationToken cancel)
    {
        if (!_request.TryBegin(frame, apis.IsFlexible)) return false;
        if (apis.Find(_request.Api) is not { } api) return false;
        try
        {
            if (api.Offers(_request.Version))
            {
                _request.BeginAnswer();
                var reaction = await api.Handle(_request, cancel);
                if (reaction != Reaction.Answer) return reaction == Reaction.Silence;
            }
            else if (api.Key == ApiKey.ApiVersions) apis.AnswerUnknownApiVersions(_request);
            else return false;
            await _sender.SendAsync(_request, cancel);
            return true;
        }
        finally
        {
            _request.ReleaseRanges();
        }
    }
}
