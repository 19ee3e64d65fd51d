using System.Globalization;
using System.Numerics;
using Etl.Contracts.Events;
using Etl.Contracts.Time;

namespace Etl.Tests.EndToEnd;

/// <summary>What the trucks' tables must hold, out of the events themselves: plain arithmetic over whole numbers, no SQL.</summary>
internal sealed class TruckOracle
{
    /// <summary>1 to 28 March 2026 in Berlin: UTC + 1 h, without a change.</summary>
    private static readonly TimeSpan BerlinOffset = TimeSpan.FromHours(1);

    private readonly SortedDictionary<(string Hour, string Truck), Figures> _hours = [];
    private readonly SortedDictionary<(string Day, string Truck), Figures> _days = [];

    public int Hours => _hours.Keys.Select(key => key.Hour).Distinct().Count();

    public int Days => _days.Keys.Select(key => key.Day).Distinct().Count();

    /// <param name="events">Each once; in any order.</param>
    public static TruckOracle Of(IEnumerable<TruckTelemetry> events)
    {
        var oracle = new TruckOracle();
        foreach (var report in events) oracle.Add(report);
        foreach (var ((hour, truck), figures) in oracle._hours)
        {
            string day = (DateTime.ParseExact(hour, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + BerlinOffset).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            Of(oracle._days, (day, truck)).Add(figures);
        }
        return oracle;
    }

    /// <summary>Compares every row and every column, bit for bit.</summary>
    public void ShouldEqual(ITables tables)
    {
        Same(tables, "truck_hourly", _hours.Select(pair => Hourly(pair.Key.Hour, pair.Key.Truck, pair.Value)));
        Same(tables, "truck_daily", _days.Select(pair => Daily(pair.Key.Day, pair.Key.Truck, pair.Value)));
        Same(tables, "TRUCK_DISTANCE_CORRELATION", _hours.Select(pair => Correlation(pair.Key.Hour, pair.Key.Truck, pair.Value, "distance_covered", pair.Value.Last.DistanceCovered, pair.Value.DistanceTime)));
        Same(tables, "TRUCK_ENGINE_SPEED_CORRELATION", _hours.Select(pair => Correlation(pair.Key.Hour, pair.Key.Truck, pair.Value, "engine_speed", pair.Value.Last.EngineSpeed, pair.Value.SpeedTime)));
    }

    private static void Same(ITables tables, string table, IEnumerable<Dictionary<string, object?>> expected)
    {
        var (found, wanted) = (tables.Read(table), expected.Select(TableText.Row).ToList());
        for (int row = 0; row < Math.Min(found.Count, wanted.Count); row++) found[row].ShouldBe(wanted[row], $"{table}, row {row}");
        found.Count.ShouldBe(wanted.Count, table);
    }

    private void Add(TruckTelemetry report)
    {
        var hour = report.Timestamp.UtcDateTime;
        Of(_hours, (new DateTime(hour.Year, hour.Month, hour.Day, hour.Hour, 0, 0).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), report.TruckId)).Add(report);
    }

    private static Figures Of(SortedDictionary<(string, string), Figures> all, (string, string) key) => all.TryGetValue(key, out var figures) ? figures : all[key] = new();

    private static Dictionary<string, object?> Hourly(string hour, string truck, Figures figures) => new(Common(truck, figures)) { ["hour"] = hour };

    private static Dictionary<string, object?> Daily(string day, string truck, Figures figures) => new(Common(truck, figures)) { ["day"] = day, ["hours"] = figures.Parts };

    private static Dictionary<string, object?> Common(string truck, Figures figures) => new()
    {
        ["truck_id"] = truck,
        ["events"] = figures.Events,
        ["first_at"] = TableText.Instant(figures.First),
        ["last_at"] = TableText.Instant(figures.Last.Timestamp),
        ["engine_speed_sum"] = figures.Speed.Sum,
        ["engine_speed_min"] = figures.SpeedMin,
        ["engine_speed_max"] = figures.SpeedMax,
        ["engine_speed_avg"] = figures.Speed.Average(figures.Events),
        ["engine_speed_stddev"] = figures.Speed.Deviation(figures.Events),
        ["distance_covered_min"] = figures.DistanceMin,
        ["distance_covered_max"] = figures.DistanceMax,
        ["fuel_consumed_sum"] = figures.Fuel.Sum,
        ["fuel_consumed_max"] = figures.FuelMax,
        ["distance_time_corr"] = figures.DistanceTime,
        ["engine_speed_time_corr"] = figures.SpeedTime,
    };

    private static Dictionary<string, object?> Correlation(string hour, string truck, Figures figures, string column, double last, double? correlation) => new()
    {
        ["hour"] = hour,
        ["truck_id"] = truck,
        [column] = last,
        ["time_elapsed"] = (Micros.Of(figures.Last.Timestamp) - Micros.Of(figures.First)) / 1e6,
        ["correlation"] = correlation,
    };

    /// <summary>Sums of one truck over some time.</summary>
    private sealed class Figures
    {
        private BigInteger _distanceTime, _speedTime; // Σxy
        private readonly Moments _time = new(), _distance = new();

        public long Events { get; private set; }

        /// <summary>Hours that were added.</summary>
        public long Parts { get; private set; }

        public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;

        /// <summary>The report of the highest sequence; the fleet's times rise with it.</summary>
        public TruckTelemetry Last { get; private set; } = null!;

        public Moments Speed { get; } = new();

        public Moments Fuel { get; } = new();

        public double SpeedMin { get; private set; } = double.PositiveInfinity;

        public double SpeedMax { get; private set; } = double.NegativeInfinity;

        public double DistanceMin { get; private set; } = double.PositiveInfinity;

        public double DistanceMax { get; private set; } = double.NegativeInfinity;

        public double FuelMax { get; private set; } = double.NegativeInfinity;

        public double? DistanceTime => Moments.Correlation(Events, _distance, _time, _distanceTime);

        public double? SpeedTime => Moments.Correlation(Events, Speed, _time, _speedTime);

        public void Add(TruckTelemetry report)
        {
            BigInteger time = Exact.Units(Micros.Of(report.Timestamp) / 1e6), speed = Exact.Units(report.EngineSpeed), distance = Exact.Units(report.DistanceCovered);
            Events++;
            if (report.Timestamp < First) First = report.Timestamp;
            if (Last is null || report.Sequence > Last.Sequence) Last = report;
            (SpeedMin, SpeedMax) = (Math.Min(SpeedMin, report.EngineSpeed), Math.Max(SpeedMax, report.EngineSpeed));
            (DistanceMin, DistanceMax) = (Math.Min(DistanceMin, report.DistanceCovered), Math.Max(DistanceMax, report.DistanceCovered));
            FuelMax = Math.Max(FuelMax, report.FuelConsumed);
            _time.Add(time);
            Speed.Add(speed);
            _distance.Add(distance);
            Fuel.Add(Exact.Units(report.FuelConsumed));
            _distanceTime += distance * time;
            _speedTime += speed * time;
        }

        public void Add(Figures hour)
        {
            Events += hour.Events;
            Parts++;
            if (hour.First < First) First = hour.First;
            if (Last is null || hour.Last.Sequence > Last.Sequence) Last = hour.Last;
            (SpeedMin, SpeedMax) = (Math.Min(SpeedMin, hour.SpeedMin), Math.Max(SpeedMax, hour.SpeedMax));
            (DistanceMin, DistanceMax) = (Math.Min(DistanceMin, hour.DistanceMin), Math.Max(DistanceMax, hour.DistanceMax));
            FuelMax = Math.Max(FuelMax, hour.FuelMax);
            _time.Add(hour._time);
            Speed.Add(hour.Speed);
            _distance.Add(hour._distance);
            Fuel.Add(hour.Fuel);
            _distanceTime += hour._distanceTime;
            _speedTime += hour._speedTime;
        }
    }

    /// <summary>Σx and Σx², exactly.</summary>
    private sealed class Moments
    {
        private BigInteger _sum, _squares;

        public double Sum => Exact.Nearest(_sum, BigInteger.One << Exact.UnitBits);

        public void Add(BigInteger units) => (_sum, _squares) = (_sum + units, _squares + units * units);

        public void Add(Moments other) => (_sum, _squares) = (_sum + other._sum, _squares + other._squares);

        public double Average(long rows) => Exact.Nearest(_sum, new BigInteger(rows) << Exact.UnitBits);

        public double? Deviation(long rows) => rows < 2 ? null : Exact.NearestRoot(Spread(rows), (new BigInteger(rows) * (rows - 1)) << 2 * Exact.UnitBits);

        /// <returns>null for one row, or where one of the two does not vary: a sink keeps NaN as NULL.</returns>
        public static double? Correlation(long rows, Moments x, Moments y, BigInteger products)
        {
            BigInteger xx = x.Spread(rows), yy = y.Spread(rows), xy = rows * products - x._sum * y._sum;
            return rows < 2 || xx.IsZero || yy.IsZero ? null : xy.Sign * Exact.NearestRoot(xy * xy, xx * yy);
        }

        private BigInteger Spread(long rows) => rows * _squares - _sum * _sum;
    }
}
