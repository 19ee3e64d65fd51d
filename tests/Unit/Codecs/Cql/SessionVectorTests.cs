using System.Text;
using Etl.Codecs.Cql;

namespace Etl.Tests.Unit.Codecs.Cql;

/// <summary>Whole conversations with a real Cassandra: our requests are the same bytes, and its answers are found and read.</summary>
public sealed class SessionVectorTests
{
    private static readonly byte[] Blob = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("ab", 500)));

    [Theory]
    [InlineData("v4", 4, Framing.Plain)]
    [InlineData("v5", 5, Framing.Segments)]
    [InlineData("v5-lz4", 5, Framing.Lz4Segments)]
    public void Our_requests_are_the_recorded_bytes(string connection, byte version, Framing framing)
    {
        byte[][] sent = Sent(connection, '>');
        for (int i = 0; i < sent.Length; i++)
        {
            using var request = new CqlWriter();
            Write(request, i, version, connection.EndsWith("lz4", StringComparison.Ordinal));
            short stream = (short)(i + 1);
            if (i == 0) Envelope.SetStream(request.Patch, stream);
            using var buffer = new OutboundBuffer(i == 0 ? Framing.Plain : framing);
            buffer.Append(request.Written, stream);
            byte[] ours = buffer.Seal().ToArray();
            if (framing == Framing.Lz4Segments && i > 0) (ours, sent[i]) = (Plain(ours), Plain(sent[i])); // blocks of another compressor may differ
            Convert.ToHexStringLower(ours).ShouldBe(Convert.ToHexStringLower(sent[i]), $"{connection}, request {i + 1}");
        }
    }

    [Theory]
    [InlineData("v4", 4, Framing.Plain)]
    [InlineData("v5", 5, Framing.Segments)]
    [InlineData("v5-lz4", 5, Framing.Lz4Segments)]
    public void The_answers_are_found_however_the_bytes_were_cut(string connection, byte version, Framing framing)
    {
        byte[] all = [.. Sent(connection, '<').SelectMany(bytes => bytes)];
        foreach (int cut in (int[])[1, 2, 3, 7, 9, 10, 64, 1000, all.Length])
        {
            var found = new Found(framing);
            found.Feed(all, cut);
            found.Headers.Select(header => header.Opcode).Take(4).ShouldBe([CqlOpcode.Ready, CqlOpcode.Result, CqlOpcode.Supported, CqlOpcode.Error], $"cut to {cut}");
            found.Headers.ShouldAllBe(header => header.IsResponse && (header.Version & 0x7F) == version);
            found.Headers.Select(header => (int)header.Stream).ShouldBe(Enumerable.Range(1, found.Headers.Count));
            CheckAnswers(found, version);
        }
    }

    [Theory]
    [InlineData("v5", Framing.Segments)]
    [InlineData("v5-lz4", Framing.Lz4Segments)]
    public void A_flipped_bit_in_any_segment_is_found(string connection, Framing framing)
    {
        byte[][] answers = Sent(connection, '<');
        foreach (byte[] answer in answers.Skip(1))
            for (int bit = 0; bit < Math.Min(answer.Length, 300) * 8; bit += 5)
            {
                byte[] broken = [.. answer];
                broken[bit / 8] ^= (byte)(1 << bit % 8);
                var found = new Found(framing, framed: true);
                Should.Throw<InvalidDataException>(() => found.Feed(broken, broken.Length), $"bit {bit} of {Convert.ToHexStringLower(answer)}");
            }
    }

    [Theory]
    [InlineData(Framing.Plain, false)]
    [InlineData(Framing.Plain, true)]
    [InlineData(Framing.Segments, false)]
    [InlineData(Framing.Lz4Segments, false)]
    public void Envelopes_of_all_sizes_survive_segments_and_cuts(Framing framing, bool lz4)
    {
        var random = new Random(7);
        int[] sizes = [0, 1, 511, 512, 60_000, 60_000, 60_000, Segment.PayloadMax - 9, Segment.PayloadMax - 8, Segment.PayloadMax, 400_000, 3, 1_000_000, 20];
        using var buffer = new OutboundBuffer(framing, lz4);
        var bodies = sizes.Select(size => Bytes(random, size)).ToList();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < bodies.Count; i++)
            {
                using var writer = new CqlWriter();
                int start = Envelope.Begin(writer, framing == Framing.Plain ? (byte)0x84 : (byte)0x85, CqlOpcode.Result);
                writer.Raw(bodies[i]);
                Envelope.End(writer, start);
                buffer.Append(writer.Written, (short)i);
            }
            byte[] wire = buffer.Seal().ToArray();
            buffer.Clear();
            foreach (int cut in (int[])[5, 4096, 131_072, wire.Length])
            {
                var found = new Found(framing, framed: true);
                found.Feed(wire, cut);
                found.Headers.Select(header => (int)header.Stream).ShouldBe(Enumerable.Range(0, sizes.Length));
                for (int i = 0; i < bodies.Count; i++) found.Bodies[i].AsSpan().SequenceEqual(bodies[i]).ShouldBeTrue($"body {i} of {sizes[i]} bytes, cut to {cut}");
            }
        }
    }

    [Fact]
    public void Random_bytes_are_refused_and_never_crash()
    {
        var random = new Random(11);
        for (int turn = 0; turn < 3000; turn++)
        {
            byte[] bytes = Bytes(random, random.Next(200));
            try { new Found((Framing)(turn % 3), framed: true).Feed(bytes, bytes.Length); }
            catch (InvalidDataException) { }
        }
    }

    [Fact]
    public void Vints_of_all_lengths_come_back()
    {
        Span<byte> room = stackalloc byte[Vint.BytesMax];
        for (int bits = 0; bits < 64; bits++)
            foreach (ulong value in (ulong[])[1UL << bits, (1UL << bits) - 1, ulong.MaxValue >> bits])
            {
                int length = Vint.Write(room, value);
                Vint.Read(room[..length], out ulong again).ShouldBe(length);
                again.ShouldBe(value);
                Vint.Read(room[..(length - 1)], out _).ShouldBe(0);
            }
    }

    private static void CheckAnswers(Found found, byte version)
    {
        var rows = new CqlReader(found.Bodies[1]);
        rows.Int().ShouldBe((int)ResultKind.Rows);
        var metadata = RowsMetadata.Read(ref rows);
        metadata.Columns!.Select(column => (column.Keyspace, column.Table, column.Name, column.Type.ToString())).ShouldBe([("system", "local", "key", "text"), ("system", "local", "cluster_name", "text")]);
        rows.Int().ShouldBe(1);
        Encoding.UTF8.GetString(rows.Bytes(out _)).ShouldBe("local");
        Encoding.UTF8.GetString(rows.Bytes(out _)).ShouldBe("etl-test");
        rows.Failed.ShouldBeFalse();

        var supported = new CqlReader(found.Bodies[2]);
        supported.StringMultimap()["COMPRESSION"].ShouldBe(["snappy", "lz4"]);

        var error = new CqlReader(found.Bodies[3]);
        var message = ErrorMessage.Read(ref error, version);
        message.Code.ShouldBe(CqlErrorCode.Syntax);
        message.Text.ShouldBe("line 1:0 no viable alternative at input 'selec' ([selec])");

        if (version == 4) return;
        var wide = new CqlReader(found.Bodies[5]);
        wide.Int().ShouldBe((int)ResultKind.Rows);
        int columns = RowsMetadata.Read(ref wide).ColumnCount;
        wide.Int().ShouldBe(1);
        for (int i = 0; i < columns; i++) wide.Bytes(out _).SequenceEqual(Blob).ShouldBeTrue();
        (wide.Failed, wide.Left, columns).ShouldBe((false, 0, 8));
    }

    private static void Write(CqlWriter writer, int number, byte version, bool lz4)
    {
        var one = new QueryParameters(ConsistencyLevel.One);
        switch (number)
        {
            case 0: CqlRequest.Startup(writer, version, [new("CQL_VERSION", "3.0.0"), .. lz4 ? [new("COMPRESSION", "lz4")] : Array.Empty<KeyValuePair<string, string>>()]); break;
            case 1: CqlRequest.Query(writer, version, "select key, cluster_name from system.local", one); break;
            case 2: CqlRequest.Options(writer, version); break;
            case 3: CqlRequest.Query(writer, version, "selec", one); break;
            case 4:
                using (var value = new CqlWriter())
                {
                    value.Bytes(Blob);
                    CqlRequest.Query(writer, version, "insert into p.big(a,b) values (7,?)", one, value.Written, 1);
                }
                break;
            default: CqlRequest.Query(writer, version, $"select {string.Join(", ", Enumerable.Repeat("b", 8))} from p.big where a=7", one); break;
        }
    }

    private static byte[] Plain(byte[] segment)
    {
        Segment.TryReadHeader(segment, true, out var header).ShouldBeTrue();
        Segment.IsPayloadWhole(segment, true).ShouldBeTrue();
        var payload = segment.AsSpan(Segment.CompressedHeaderBytes, header.Length);
        if (header.PlainLength == 0) return payload.ToArray();
        byte[] plain = new byte[header.PlainLength];
        Lz4Body.TryDecompress(payload, plain).ShouldBeTrue();
        return plain;
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes.AsSpan(0, length / 2)); // the other half compresses well
        return bytes;
    }

    private static byte[][] Sent(string connection, char direction) =>
        [.. CqlGolden.Lines("sessions.tsv").Where(line => line[0] == connection && line[1][0] == direction).Select(line => Convert.FromHexString(line[2]))];

    /// <summary>Keeps what a parser finds, and switches to segments after READY as a connection does.</summary>
    private sealed class Found(Framing framing, bool framed = false) : IEnvelopeSink
    {
        private readonly EnvelopeParser _parser = new() { Framing = framed ? framing : Framing.Plain };

        public List<Envelope> Headers { get; } = [];

        public List<byte[]> Bodies { get; } = [];

        public void Feed(byte[] wire, int cut)
        {
            byte[] received = new byte[wire.Length];
            int start = 0, end = 0;
            for (int at = 0; at < wire.Length; at += cut)
            {
                int length = Math.Min(cut, wire.Length - at);
                wire.AsSpan(at, length).CopyTo(received.AsSpan(end));
                end += length;
                start += _parser.Parse(received.AsSpan(start, end - start), this);
                _parser.BytesNeeded.ShouldBeGreaterThan(end - start);
            }
        }

        public void OnEnvelope(in Envelope header, ReadOnlySpan<byte> body)
        {
            Headers.Add(header);
            Bodies.Add(body.ToArray());
            if (header.Opcode == CqlOpcode.Ready) _parser.Framing = framing;
        }
    }
}
