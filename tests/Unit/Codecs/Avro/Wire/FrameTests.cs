using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;
using Etl.Codecs.Avro.Wire;

namespace Etl.Tests.Unit.Codecs.Avro.Wire;

public sealed class FrameTests
{
    [Fact]
    public void A_message_in_the_wire_format_is_split_into_id_and_datum()
    {
        byte[] message = new byte[WireFormat.HeadBytes + 1];
        WireFormat.WriteHead(message, 0x01020304).ShouldBe(5);
        message[5] = 0x54;
        message.ShouldBe([0, 1, 2, 3, 4, 0x54]);
        WireFormat.Read(message, out int id, out var payload).ShouldBeNull();
        id.ShouldBe(0x01020304);
        payload.ToArray().ShouldBe([0x54]);
    }

    [Theory]
    [InlineData("", DecodeFault.EndOfData)]
    [InlineData("00010203", DecodeFault.EndOfData)]
    [InlineData("0100000001", DecodeFault.InvalidFrame)]
    [InlineData("7B", DecodeFault.InvalidFrame)]
    public void Another_message_is_a_fault(string hex, DecodeFault fault) => WireFormat.Read(Convert.FromHexString(hex), out _, out _)!.Fault.ShouldBe(fault);

    [Fact]
    public void The_single_object_of_the_Java_library_is_read_and_written_again()
    {
        byte[] message = File.ReadAllBytes(Golden.PathOf("single-object", "test_message.bin"));
        var schema = SchemaParser.Parse(File.ReadAllText(Golden.PathOf("single-object", "test_schema.avsc")));
        SingleObject.Read(message, out ulong fingerprint, out var payload).ShouldBeNull();
        fingerprint.ShouldBe(Fingerprint.Crc64(schema));
        var value = DecodePlan.Of(schema).Decode(payload).Value.ShouldBeOfType<AvroRecord>();
        value.ToString().ShouldBe("""{"id":42,"name":"Bill","tags":["dog_lover","cat_hater"]}""");
        byte[] written = new byte[SingleObject.HeadBytes];
        SingleObject.WriteHead(written, fingerprint).ShouldBe(10);
        written.Concat(ValueEncoder.Encode(schema, value)).ShouldBe(message);
    }

    [Theory]
    [InlineData("C301", DecodeFault.EndOfData)]
    [InlineData("C3020000000000000000", DecodeFault.InvalidFrame)]
    public void Another_single_object_is_a_fault(string hex, DecodeFault fault) => SingleObject.Read(Convert.FromHexString(hex), out _, out _)!.Fault.ShouldBe(fault);
}
