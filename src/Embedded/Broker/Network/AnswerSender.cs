using System.Buffers;
using System.Net.Sockets;
using Etl.Codecs.Kafka;
using Etl.Embedded.Broker.Log;
using Etl.Embedded.Broker.Requests;

namespace Etl.Embedded.Broker.Network;

/// <summary>Sends an answer with its gaps filled from the log's files, through one pooled buffer: an answer of any size needs no more memory than that.</summary>
internal sealed class AnswerSender(Socket socket) : IDisposable
{
    private const int BufferBytes = 256 << 10;

    private byte[]? _buffer;
    private int _filled;

    public async ValueTask SendAsync(Request request, CancellationToken cancel)
    {
        var frame = request.Answer.Frame();
        if (request.Ranges.Count == 0)
        {
            await SendAsync(frame, cancel);
            return;
        }
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
        int sent = 0;
        for (int i = 0; i < request.Ranges.Count; i++)
        {
            int gap = request.Answer.Gaps[i].Position;
            await PutAsync(frame[sent..gap], cancel);
            await PutAsync(request.Ranges[i], cancel);
            sent = gap;
        }
        await PutAsync(frame[sent..], cancel);
        await FlushAsync(cancel);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null; // an idle consumer holds nothing
    }

    public void Dispose()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    private async ValueTask PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0)
        {
            if (_filled == _buffer!.Length) await FlushAsync(cancel);
            int count = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..count].CopyTo(_buffer.AsMemory(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    private async ValueTask PutAsync(LogRange range, CancellationToken cancel)
    {
        for (int done = 0; done < range.Length;)
        {
            if (_filled == _buffer!.Length) await FlushAsync(cancel);
            int count = Math.Min(range.Length - done, _buffer.Length - _filled);
            int read = RandomAccess.Read(range.Segment.Handle, _buffer.AsSpan(_filled, count), range.Position + done);
            if (read == 0) throw new InvalidDataException($"{range.Segment.LogPath}: ends at byte {range.Position + done}; expected {range.Length - done} bytes more. The file was cut while the broker ran.");
            _filled += read;
            done += read;
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancel)
    {
        await SendAsync(_buffer.AsMemory(0, _filled), cancel);
        _filled = 0;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, cancel)..];
    }
}
