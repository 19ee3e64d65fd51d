using System.Buffers;
using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>
/// One connection: many requests in flight, each under a stream id, answered in any order. What several callers send at once goes out in one write and, in
/// version 5, in as few segments as hold it. Any broken byte ends it with all that is on it.
/// </summary>
internal sealed partial class Connection : IEnvelopeSink, IThreadPoolWorkItem
{
    /// <summary>Bytes that wait to be written before more requests are refused: a server that reads no more must not fill our memory.</summary>
    private const int UnsentMax = 64 * 1024 * 1024;

    private const int ReceiveBytes = 256 * 1024;

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly ConnectionSettings _settings;
    private readonly Stream _stream;
    private readonly EnvelopeParser _parser = new();
    private readonly PendingRequest?[] _slots;
    private readonly short[] _free;
    private readonly ITimer _timer;
    private readonly Heartbeat _heartbeat;
    private readonly TaskCompletionSource<DriverException> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OutboundBuffer _unsent = new(Framing.Plain);
    private OutboundBuffer _sending = new(Framing.Plain);
    private int _freeCount, _orphans, _ticking;
    private bool _isWriting;
    private volatile DriverException? _end;
    private long _lastReceived;

    internal Connection(ConnectionSettings settings, Stream stream, IPEndPoint host, byte version)
    {
        (_settings, _stream, Host, Version) = (settings, stream, host, version);
        int requests = settings.Pooling.RequestsPerConnection;
        (_slots, _free, _freeCount) = (new PendingRequest?[requests], new short[requests], requests);
        for (int i = 0; i < requests; i++) _free[i] = (short)(requests - 1 - i);
        _heartbeat = new(version, settings.Pooling.HeartbeatTimeout);
        _lastReceived = settings.Time.GetTimestamp();
        _timer = settings.Time.CreateTimer(_ => OnTick(), null, TickInterval, TickInterval);
        _ = ReadAsync();
    }

    public IPEndPoint Host { get; }

    public byte Version { get; }

    /// <summary>Ends, with the reason, when the connection does.</summary>
    public Task<DriverException> Closed => _closed.Task;

    public bool IsOpen => _end is null;

    /// <summary>Requests unanswered, orphans among them.</summary>
    public int InFlight => _slots.Length - _freeCount;

    /// <summary>Gets what the server tells by itself.</summary>
    public Action<EventMessage>? OnEvent { get; set; }

    /// <summary>Called when answers made room for requests.</summary>
    public Action? OnRoom { get; set; }

    /// <summary>Sends a request if the connection is open and has room. Without <paramref name="flush"/> it may wait until <see cref="Flush"/>.</summary>
    public bool TrySend(PendingRequest request, bool flush = true)
    {
        lock (_gate)
        {
            if (_end is not null || _freeCount == 0 || _unsent.Length > UnsentMax) return false;
            short stream = _free[--_freeCount];
            _slots[stream] = request;
            _unsent.Append(request.Message, stream);
            if (!flush || _isWriting) return true;
            _isWriting = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Sends what was left unsent.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isWriting || _unsent.Length == 0 || _end is not null) return;
            _isWriting = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Sends a request of the client's own and waits for its answer.</summary>
    /// <exception cref="DriverException">No answer in time, or the connection is full or ended.</exception>
    public async Task<Answer> AskAsync(Action<CqlWriter, byte> write, TimeSpan timeout)
    {
        using var request = new OwnRequest();
        write(request.Writer, Version);
        request.Deadline = _settings.Time.GetTimestamp() + _settings.Ticks(timeout);
        if (!TrySend(request)) throw _end ?? (DriverException)new BusyPoolException("the connection has no room for another request", null);
        return await request.Answer;
    }

    /// <summary>Ends the connection; what is in flight fails with the reason.</summary>
    public void Close(DriverException reason)
    {
        List<PendingRequest> lost = [];
        lock (_gate)
        {
            if (_end is not null) return;
            _end = reason;
            foreach (ref var slot in _slots.AsSpan())
            {
                if (slot is not null and not OrphanedRequest) lost.Add(slot);
                slot = null;
            }
            if (!_isWriting) DisposeBuffers();
        }
        _timer.Dispose();
        _ = DisposeStreamAsync();
        _closed.TrySetResult(reason);
        foreach (var request in lost) request.OnFailure(this, reason);
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    void IEnvelopeSink.OnEnvelope(in Envelope header, ReadOnlySpan<byte> body)
    {
        if (header.Stream < 0)
        {
            OnPushed(header, body);
            return;
        }
        PendingRequest? request;
        lock (_gate)
        {
            if (header.Stream >= _slots.Length || _slots[header.Stream] is not { } found)
            {
                if (_end is not null) return;
                if (header.Opcode == CqlOpcode.Error) throw FatalError(header, body);
                throw new InvalidDataException($"an answer on stream {header.Stream}, on which nothing was asked");
            }
            request = found;
            _slots[header.Stream] = null;
            _free[_freeCount++] = header.Stream;
            if (found is OrphanedRequest) _orphans--;
        }
        if (_framedAs is { } framing && header.Opcode is CqlOpcode.Ready or CqlOpcode.Authenticate) BeginFraming(framing);
        request.OnAnswer(this, header, body);
    }

    // What the server says before it closes a connection that it cannot make sense of.
    private DriverException FatalError(in Envelope header, ReadOnlySpan<byte> body)
    {
        var reader = new CqlReader(body);
        ResponsePrefix.Read(ref reader, header.Flags);
        return ServerTrouble.Of(ErrorMessage.Read(ref reader, (byte)(header.Version & 0x7F)), Host, null);
    }

    private void OnPushed(in Envelope header, ReadOnlySpan<byte> body)
    {
        if (header.Opcode != CqlOpcode.Event) return;
        var reader = new CqlReader(body);
        ResponsePrefix.Read(ref reader, header.Flags);
        var pushed = EventMessage.Read(ref reader);
        if (!reader.Failed) OnEvent?.Invoke(pushed);
    }

    private async Task ReadAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            int start = 0, end = 0;
            while (true)
            {
                int length = await _stream.ReadAsync(buffer.AsMemory(end));
                if (length == 0) throw new EndOfStreamException("the server closed the connection");
                Volatile.Write(ref _lastReceived, _settings.Time.GetTimestamp());
                end += length;
                start += _parser.Parse(buffer.AsSpan(start, end - start), this);
                OnRoom?.Invoke();
                if (start == end) start = end = 0;
                if (buffer.Length - start >= _parser.BytesNeeded && buffer.Length - end >= ReceiveBytes / 8) continue;
                Move(ref buffer, ref start, ref end);
            }
        }
        catch (Exception error)
        {
            Close(error as DriverException ?? Lost(error));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _parser.Dispose();
        }
    }

    // Makes room for the rest of what is there in part.
    private void Move(ref byte[] buffer, ref int start, ref int end)
    {
        byte[] target = buffer.Length < _parser.BytesNeeded + ReceiveBytes / 8 ? ArrayPool<byte>.Shared.Rent(_parser.BytesNeeded + ReceiveBytes / 8) : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        if (target != buffer) ArrayPool<byte>.Shared.Return(buffer);
        (buffer, end, start) = (target, end - start, 0);
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    _sending.Clear();
                    if (_end is not null || _unsent.Length == 0)
                    {
                        _isWriting = false;
                        if (_end is not null) DisposeBuffers();
                        return;
                    }
                    (_sending, _unsent) = (_unsent, _sending);
                }
                await _stream.WriteAsync(_sending.Seal());
            }
        }
        catch (Exception error)
        {
            lock (_gate) _isWriting = false;
            Close(Lost(error));
        }
    }

    private void OnTick()
    {
        if (Interlocked.Exchange(ref _ticking, 1) == 1) return;
        try
        {
            long now = _settings.Time.GetTimestamp();
            bool isSilent = FailOverdue(now);
            if (isSilent || now - Volatile.Read(ref _lastReceived) > _settings.Ticks(_settings.Pooling.HeartbeatInterval)) AskWhetherItLives();
            OnRoom?.Invoke();
            Flush();
        }
        finally { Volatile.Write(ref _ticking, 0); }
    }

    // Requests whose time is up are answered so, and keep their streams. Returns whether one of them saw no byte come at all.
    private bool FailOverdue(long now)
    {
        List<PendingRequest>? overdue = null;
        lock (_gate)
        {
            if (_freeCount == _slots.Length) return false;
            foreach (ref var slot in _slots.AsSpan())
            {
                if (slot is null or OrphanedRequest || slot.Deadline > now) continue;
                (overdue ??= []).Add(slot);
                slot = OrphanedRequest.Instance;
                _orphans++;
            }
        }
        if (overdue is null) return false;
        bool isSilent = now - Volatile.Read(ref _lastReceived) >= _settings.Ticks(_settings.Socket.RequestTimeout) / 2;
        var error = new OperationTimedOutException($"no answer within {_settings.Socket.RequestTimeout.TotalSeconds:0.###} s; what was asked may be done still", Host, null);
        foreach (var request in overdue) request.OnFailure(this, error);
        CheckOrphans();
        return isSilent;
    }

    private void CheckOrphans()
    {
        if (Volatile.Read(ref _orphans) > Math.Max(4, _slots.Length / 4))
            Close(new ConnectionLostException($"{_orphans} requests got no answer in time: the connection is replaced", Host));
    }

    private void AskWhetherItLives()
    {
        if (_heartbeat.IsUnderWay || !IsOpen) return;
        _heartbeat.IsUnderWay = true;
        _heartbeat.Deadline = _settings.Time.GetTimestamp() + _settings.Ticks(_settings.Pooling.HeartbeatTimeout);
        if (!TrySend(_heartbeat)) Close(new ConnectionLostException($"no answer to {InFlight} requests for {_settings.Pooling.HeartbeatInterval.TotalSeconds:0.###} s", Host));
    }

    private ConnectionLostException Lost(Exception error) => new($"the connection was lost ({error.Message})", Host, null, error);

    private async Task DisposeStreamAsync()
    {
        try { await _stream.DisposeAsync(); }
        catch (Exception) { } // it is being thrown away, whatever state it is in
    }

    private void DisposeBuffers()
    {
        _unsent.Dispose();
        _sending.Dispose();
    }
}
