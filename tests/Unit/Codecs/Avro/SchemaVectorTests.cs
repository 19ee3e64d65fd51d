using System.Globalization;
using System.Text.Json;
using Etl.Codecs.Avro;

namespace Etl.Tests.Unit.Codecs.Avro;

public sealed class SchemaVectorTests
{
    [Fact]
    public void Every_schema_has_the_canonical_form_and_the_fingerprints_of_the_Java_library() =>
        Golden.Lines("vectors-schemas.ndjson").ShouldHoldForAll(314, line =>
        {
            var schema = SchemaParser.Parse(line.Text("schema"));
            if (CanonicalForm.Of(schema) != line.Text("canonical")) return $"canonical form {CanonicalForm.Of(schema)} instead of {line.Text("canonical")}";
            if ((long)Fingerprint.Crc64(schema) != line.GetProperty("rabin_int64").GetInt64()) return "CRC-64-AVRO differs";
            if (Convert.ToHexStringLower(Fingerprint.Md5(schema)) != line.Text("md5")) return "MD5 differs";
            return Convert.ToHexStringLower(Fingerprint.Sha256(schema)) == line.Text("sha256") ? null : "SHA-256 differs";
        });

    [Fact]
    public void Every_schema_is_written_as_the_Java_library_writes_it() =>
        Golden.Lines("vectors-schemas.ndjson").ShouldHoldForAll(314, line =>
            SchemaText.Write(SchemaParser.Parse(line.Text("schema"))) is var text && text == line.Text("java_tostring") ? null : $"{text} instead of {line.Text("java_tostring")}");

    [Fact]
    public void A_schema_written_and_parsed_again_has_the_same_canonical_form() =>
        Golden.Lines("vectors-schemas.ndjson").ShouldHoldForAll(314, line =>
            CanonicalForm.Of(SchemaParser.Parse(SchemaText.Write(SchemaParser.Parse(line.Text("schema"))))) == line.Text("canonical") ? null : "differs");

    [Fact]
    public void Every_text_at_the_edge_is_judged_as_by_the_Java_library_in_both_of_its_ways_with_names() =>
        Golden.Lines("vectors-invalid.ndjson").ShouldHoldForAll(50, line =>
        {
            foreach (var (way, limits) in new[] { ("java_default", SchemaLimits.Default), ("java_strict_names", new SchemaLimits { StrictNames = true }) })
            {
                var expected = line.GetProperty(way);
                bool accepted = SchemaParser.TryParse(line.Text("schema"), out var schema, out var problem, limits);
                if (accepted != expected.GetProperty("accepted").GetBoolean()) return $"{way}: {problem?.ToString() ?? "accepted"}, {line.Text("note")}";
                if (!accepted) continue;
                string? logical = expected.GetProperty("logical_type").GetString();
                if ((schema!.LogicalType?.Kind.ToString().ToLowerInvariant()) != logical) return $"logical type {schema.LogicalType} instead of {logical}";
                bool written = expected.GetProperty("java_tostring").ValueKind == JsonValueKind.String; // left out for the text of 200 levels
                if (written && SchemaText.Write(schema) != expected.Text("java_tostring")) return $"{SchemaText.Write(schema)} instead of {expected.Text("java_tostring")}";
            }
            return null;
        });

    [Fact]
    public void Every_case_of_the_project_s_own_file_has_its_canonical_form_and_fingerprint()
    {
        int cases = 0;
        string input = "", canonical = "";
        bool inside = false; // between <<INPUT alone on its line and INPUT
        foreach (string line in File.ReadLines(Golden.PathOf("schema-tests.txt")))
        {
            if (inside && line != "INPUT") input += line + "\n";
            if (line is "<<INPUT" or "INPUT") (inside, input) = (line == "<<INPUT", line == "<<INPUT" ? "" : input);
            if (line.StartsWith("<<INPUT ", StringComparison.Ordinal)) input = line["<<INPUT ".Length..];
            if (line.StartsWith("<<canonical ", StringComparison.Ordinal)) CanonicalForm.Of(SchemaParser.Parse(input)).ShouldBe(canonical = line["<<canonical ".Length..]);
            if (!line.StartsWith("<<fingerprint ", StringComparison.Ordinal)) continue;
            ((long)Fingerprint.Crc64(SchemaParser.Parse(input))).ShouldBe(long.Parse(line["<<fingerprint ".Length..], CultureInfo.InvariantCulture), canonical);
            cases++;
        }
        cases.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("c-pass", true)]
    [InlineData("c-fail", false)]
    public void Every_file_of_the_C_library_is_judged_as_there(string folder, bool accepted)
    {
        string[] files = Directory.GetFiles(Golden.PathOf("schema-tests", folder));
        files.Length.ShouldBeGreaterThan(10);
        foreach (string file in files) SchemaParser.TryParse(File.ReadAllText(file), out _, out var problem).ShouldBe(accepted, $"{file}: {problem}");
    }

    [Theory]
    [InlineData("schema-tests/java")]
    [InlineData("share-test")]
    public void Every_schema_of_the_Java_tests_is_read_and_written(string folder)
    {
        foreach (string file in Directory.GetFiles(Golden.PathOf(folder), "*.avsc"))
        {
            var schema = SchemaParser.Parse(File.ReadAllText(file));
            CanonicalForm.Of(SchemaParser.Parse(schema.ToString())).ShouldBe(CanonicalForm.Of(schema), file);
        }
    }
}
