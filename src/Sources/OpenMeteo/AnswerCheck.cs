using System.Globalization;
using Etl.Contracts.Workflow;
using Etl.Sources.Weather;

namespace Etl.Sources.OpenMeteo;

/// <summary>Holds an answer against what was asked: all places, all times, all variables, in the units and ranges they must have.</summary>
internal static class AnswerCheck
{
    // The grid cell that answers is kilometres away as a rule; this much is another place.
    private const double KilometresMax = 200;
    private const string UnitOfMissing = "undefined"; // of a variable that the model lacks: its column is null throughout

    /// <exception cref="SourceException">Contract: not what was asked for. Data: a value that cannot be.</exception>
    public static void Check(OpenMeteoCall call, IReadOnlyList<PlaceAnswer> answers)
    {
        if (answers.Count != call.Places.Count) throw Refused(FailureClass.Contract, call, $"found {answers.Count} places, expected {call.Places.Count}");
        var times = call.Times;
        for (int index = 0; index < answers.Count; index++)
        {
            var (place, answer) = (call.Places[index], answers[index]);
            string where = $"place {index + 1} of {answers.Count} ({place.Id})";
            if (answer is not { Latitude: { } latitude, Longitude: { } longitude }) throw Refused(FailureClass.Contract, call, $"{where}: found no latitude and longitude, expected both");
            if (place.KilometresTo(latitude, longitude) is var away and > KilometresMax)
                throw Refused(FailureClass.Contract, call, string.Create(CultureInfo.InvariantCulture, $"{where}: found the place {latitude},{longitude}, {away:N0} km away, expected at most {KilometresMax:N0} km"));
            if (answer.Times is null || answer.Units is null) throw Refused(FailureClass.Contract, call, $"{where}: found no {call.Section}.time or no {call.Section}_units, expected both");
            CheckTimes(call, where, answer.Times, times);
            foreach (var variable in call.Variables) CheckColumn(call, where, answer, variable, times.Count);
        }
    }

    private static void CheckTimes(OpenMeteoCall call, string where, List<long> found, IReadOnlyList<long> expected)
    {
        if (found.Count != expected.Count) throw Refused(FailureClass.Contract, call, $"{where}: found {found.Count:N0} times, expected {expected.Count:N0}");
        for (int index = 0; index < expected.Count; index++)
            if (found[index] != expected[index]) throw Refused(FailureClass.Contract, call, $"{where}: found {Written(found[index])} at {call.Section}.time[{index}], expected {Written(expected[index])}");
    }

    private static void CheckColumn(OpenMeteoCall call, string where, PlaceAnswer answer, IWeatherVariable variable, int rows)
    {
        where = $"{where}, {call.Section}.{variable.Name}";
        if (!answer.Columns.TryGetValue(variable.Name, out var column)) throw Refused(FailureClass.Contract, call, $"{where}: found no such column, expected one");
        if (column.Count != rows) throw Refused(FailureClass.Contract, call, $"{where}: found {column.Count:N0} values, expected {rows:N0}, one of each time");
        string unit = answer.Units!.GetValueOrDefault(variable.Name, "none");
        if (unit != variable.Unit && !(unit == UnitOfMissing && column.TrueForAll(value => value is null)))
            throw Refused(FailureClass.Contract, call, $"{where}: found the unit \"{unit}\", expected \"{variable.Unit}\"");
        int wrong = column.FindIndex(value => value < variable.Lowest || value > variable.Highest);
        if (wrong >= 0)
            throw Refused(FailureClass.Data, call, string.Create(CultureInfo.InvariantCulture, $"{where}[{wrong}]: found {column[wrong]} {variable.Unit}, expected {variable.Lowest} to {variable.Highest}"));
    }

    private static SourceException Refused(FailureClass failure, OpenMeteoCall call, string what) => new(failure, $"{call}: {what}");

    private static string Written(long seconds) =>
        seconds is > -60_000_000_000 and < 200_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture) : $"second {seconds}";
}
