using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;

namespace Etl.Tests.Unit.Codecs.Avro.Resolution;

public sealed class DecodePlansTests
{
    [Fact]
    public void A_pair_of_schemas_has_one_plan_and_the_oldest_goes_when_there_is_no_room()
    {
        var plans = new DecodePlans(plansMax: 2);
        AvroSchema[] schemas = [SchemaParser.Parse("\"int\""), SchemaParser.Parse("\"int\""), SchemaParser.Parse("\"long\"")];
        var first = plans.Of(schemas[0], schemas[2]);
        plans.Of(schemas[0], schemas[2]).ShouldBeSameAs(first);
        plans.Of(schemas[1], schemas[2]).ShouldNotBeSameAs(first);
        plans.Of(schemas[2], schemas[2]);
        plans.Count.ShouldBe(2);
        plans.Of(schemas[0], schemas[2]).ShouldNotBeSameAs(first);
    }

    [Fact]
    public void A_plan_names_what_does_not_resolve()
    {
        var plan = DecodePlan.Of(SchemaParser.Parse("[\"int\",\"string\"]"), SchemaParser.Parse("\"long\""));
        plan.Problems.ShouldBe(["found string, expected long"]);
        plan.Decode([0, 84]).Value.ShouldBe(42L);
        plan.Decode([2, 2, 65]).Problem.ShouldBe(new DecodeProblem(DecodeFault.Unresolvable, 1, "", "found string, expected long"));
    }

    [Fact]
    public void A_fault_has_its_offset_and_its_path()
    {
        var schema = SchemaParser.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":{"type":"map","values":{"type":"record","name":"S","fields":[{"name":"b","type":"boolean"}]}}}}]}""");
        DecodePlan.Of(schema).Decode([2, 2, 2, (byte)'k', 2]).Problem!.ToString().ShouldBe("""InvalidBoolean at byte 4 in a[0]["k"].b: found 2, expected 0 or 1""");
    }

    [Fact]
    public void Schemas_of_very_many_records_are_bounded()
    {
        static string Union(string prefix) => "[" + string.Join(',', Enumerable.Range(0, 1_000).Select(n => $$"""{"type":"record","name":"{{prefix}}{{n}}","fields":[{"name":"{{prefix}}","type":"int"}]}""")) + "]";
        DecodePlan.Of(SchemaParser.Parse(Union("A")), SchemaParser.Parse(Union("B"))).Problems.ShouldContain("more than 20,000 pairs of records are to be compared");
    }
}
