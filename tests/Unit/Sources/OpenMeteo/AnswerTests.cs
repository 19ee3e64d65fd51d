using System.Text;
using System.Text.Json;
using Etl.Contracts.Workflow;
using Etl.Sources;
using Etl.Sources.OpenMeteo;
using Etl.Sources.Weather;
using Etl.Tests.Unit.Codecs.Avro;

namespace Etl.Tests.Unit.Sources.OpenMeteo;

public sealed class AnswerTests
{
    private static readonly Place Berlin = new(52.52, 13.42);

    [Fact]
    public void One_place_is_an_object_with_integers_decimals_and_nulls_in_one_column()
    {
        var place = AnswerReader.Read(Sample("archive-hourly-daily.json"), "hourly").ShouldHaveSingleItem();
        place.UtcOffsetSeconds.ShouldBe(7_200);
        place.Latitude.ShouldBe(52.548504);
        place.Times!.Count.ShouldBe(24);
        place.Times[0].ShouldBe(new DateTimeOffset(2024, 3, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds());
        place.Columns["temperature_2m"][11].ShouldBe(13);
        place.Columns["wind_speed_10m"][3].ShouldBeNull();
        place.Units!["precipitation"].ShouldBe("mm");

        // A text column (sunrise) is told by its name and place.
        Should.Throw<AnswerShapeException>(() => AnswerReader.Read(Sample("archive-hourly-daily.json"), "daily")).Message.ShouldContain("daily.sunrise[0]");
    }

    [Fact]
    public void Several_places_are_a_list_and_seconds_since_1970_are_times_too()
    {
        var places = AnswerReader.Read(Sample("two-locations.json"), "hourly");
        places.Count.ShouldBe(2);
        places[1].Times!.ShouldBe([1_711_843_200, 1_711_846_800, 1_711_850_400]);
        places[0].Columns["temperature_2m"].ShouldBe([6.1, null, 5.5]);
    }

    [Fact]
    public void A_body_that_breaks_off_with_a_text_is_no_JSON() => Should.Throw<JsonException>(() => AnswerReader.Read(Sample("truncated-200.txt"), "hourly"));

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Bad gateway</body></html>")]
    [InlineData("{\"latitude\":1}x")]
    [InlineData("[{\"latitude\":1}")]
    public void What_is_no_JSON_is_told_from_what_is_of_another_shape(string body) => Should.Throw<JsonException>(() => AnswerReader.Read(Encoding.UTF8.GetBytes(body), "hourly"));

    [Theory]
    [InlineData("7", "found Number at byte 0")]
    [InlineData("[[]]", "an object")]
    [InlineData("""{"error":true,"reason":"no"}""", "\"no\"")]
    [InlineData("""{"hourly":[]}""", "hourly: found StartArray")]
    [InlineData("""{"hourly":{"rain":[1,"2"]}}""", "hourly.rain[1]: found String")]
    [InlineData("""{"hourly":{"rain":[1e999]}}""", "rain: found Number")]
    [InlineData("""{"hourly":{"time":["31.3.2024"]}}""", "hourly.time[0]")]
    [InlineData("""{"hourly_units":{"rain":null}}""", "hourly_units.rain")]
    public void Another_shape_is_told_with_its_place(string body, string said) =>
        Should.Throw<AnswerShapeException>(() => AnswerReader.Read(Encoding.UTF8.GetBytes(body), "hourly")).Message.ShouldContain(said);

    [Fact]
    public void No_bytes_make_the_reader_fail_in_another_way()
    {
        byte[] good = Sample("two-locations.json");
        var random = new Random(11);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try { AnswerReader.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)), "hourly"); }
            catch (Exception refused) when (refused is JsonException or AnswerShapeException) { }
        }
    }

    [Fact]
    public void An_answer_with_all_that_was_asked_passes() => Checked(GoodAnswer()).ShouldBeNull();

    [Fact]
    public void A_column_that_the_model_lacks_is_null_and_passes()
    {
        var answer = GoodAnswer();
        answer.Units!["rain"] = "undefined";
        answer.Columns["rain"] = [.. Enumerable.Repeat<double?>(null, 24)];
        Checked(answer).ShouldBeNull();
        answer.Columns["rain"][3] = 0;
        Checked(answer).ShouldNotBeNull().Message.ShouldContain("found the unit \"undefined\", expected \"mm\"");
    }

    [Fact]
    public void What_was_not_asked_for_or_cannot_be_is_refused_by_class_and_place()
    {
        Broken(answer => answer.Units!["temperature_2m"] = "°F", FailureClass.Contract, "found the unit \"°F\", expected \"°C\"");
        Broken(answer => answer.Times![5] += 3_600, FailureClass.Contract, "found 2024-05-01T06:00 at hourly.time[5], expected 2024-05-01T05:00");
        Broken(answer => answer.Times!.Clear(), FailureClass.Contract, "found 0 times, expected 24");
        Broken(answer => answer.Times = null, FailureClass.Contract, "found no hourly.time");
        Broken(answer => answer.Columns["rain"].RemoveAt(0), FailureClass.Contract, "hourly.rain: found 23 values, expected 24");
        Broken(answer => answer.Columns.Remove("rain"), FailureClass.Contract, "hourly.rain: found no such column");
        Broken(answer => answer.Latitude = 48.1, FailureClass.Contract, "km away");
        Broken(answer => answer.Latitude = null, FailureClass.Contract, "found no latitude");
        Broken(answer => answer.Columns["rain"][7] = -1, FailureClass.Data, "hourly.rain[7]: found -1 mm, expected 0 to 500");
        var two = new[] { GoodAnswer(), GoodAnswer() };
        Should.Throw<SourceException>(() => AnswerCheck.Check(Call(), two)).Message.ShouldBe(
            "open-meteo archive, hourly 2024-05-01 to 2024-05-01, 52.52,13.42: found 2 places, expected 1");
    }

    private static void Broken(Action<PlaceAnswer> change, FailureClass failure, string said)
    {
        var answer = GoodAnswer();
        change(answer);
        var refused = Checked(answer).ShouldNotBeNull(said);
        refused.Class.ShouldBe(failure);
        refused.IsTransient.ShouldBeFalse();
        refused.Message.ShouldContain(said);
        refused.Message.ShouldContain("open-meteo archive");
    }

    private static SourceException? Checked(PlaceAnswer answer)
    {
        try { AnswerCheck.Check(Call(), [answer]); }
        catch (SourceException refused) { return refused; }
        return null;
    }

    private static OpenMeteoCall Call() =>
        new("archive", "hourly", [Berlin], "UTC", new(2024, 5, 1), new(2024, 5, 1), [HourlyVariables.Temperature, HourlyVariables.Rain], SourceLane.Live);

    private static PlaceAnswer GoodAnswer()
    {
        var answer = new PlaceAnswer { Latitude = 52.55, Longitude = 13.41, Units = new() { ["temperature_2m"] = "°C", ["rain"] = "mm" }, Times = [.. Call().Times] };
        foreach (string name in (string[])["temperature_2m", "rain"]) answer.Columns[name] = [.. Enumerable.Range(0, 24).Select(hour => (double?)hour)];
        return answer;
    }

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Golden.Root, "tests/Golden/open-meteo", name));
}
