using Etl.Cli.Doctor;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Cli.Doctor;

public sealed class FolderCheckTests
{
    [Fact]
    public async Task A_disk_with_room_is_well() => (await new DiskCheck(() => 5_000_000_000).OneAsync()).ShouldBe(Finding.Ok("disk", "5.0 GB free"));

    [Theory]
    [InlineData(999_999_999, Health.Warn, "1.0 GB free")]
    [InlineData(99_000_000, Health.Fail, "99 MB free")]
    public async Task A_disk_that_is_nearly_full_is_told_with_what_makes_room(long free, object health, string found) =>
        (await new DiskCheck(() => free).OneAsync()).ShouldTell((Health)health, found, "1 GB or more", "--data DIR");

    [Fact]
    public async Task A_disk_that_does_not_tell_is_to_be_looked_at() =>
        (await new DiskCheck(() => throw new IOException("no such disk.")).OneAsync()).ShouldTell(Health.Warn, "cannot be told (no such disk)", "tells it", "df");

    [Theory]
    [InlineData(3, Health.Ok)]
    [InlineData(51, Health.Warn)]
    [InlineData(2_100, Health.Fail)]
    public async Task The_middle_of_five_small_writes_judges_the_disk(int milliseconds, object health)
    {
        var clock = new FakeTimeProvider();
        int writes = 0;
        var found = await new SyncCheck(() => clock.Advance(TimeSpan.FromMilliseconds(writes++ == 0 ? 1 : milliseconds)), clock).OneAsync();
        if ((Health)health == Health.Ok) found.ShouldBe(Finding.Ok("fsync", "a small write is kept in 3.0 ms"));
        else found.ShouldTell((Health)health, $"a small write is kept in {milliseconds:N1} ms", "50 ms at most", "iostat");
    }

    [Fact]
    public async Task A_disk_that_takes_seconds_is_not_tried_five_times()
    {
        var clock = new FakeTimeProvider();
        int writes = 0;
        await new SyncCheck(() => { writes++; clock.Advance(TimeSpan.FromSeconds(3)); }, clock).OneAsync();
        writes.ShouldBe(1);
    }

    [Theory]
    [InlineData(29, null, Health.Ok)]
    [InlineData(-31, null, Health.Warn)]
    [InlineData(301, 300, Health.Fail)]
    [InlineData(301, null, Health.Warn)]
    public void A_clock_that_is_off_is_told_with_its_side(int skew, int? stopsAt, object health)
    {
        var here = DateTimeOffset.UnixEpoch;
        var found = ClockSkew.Judge("mysql clock", here.AddSeconds(skew), here, stopsAt is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        if ((Health)health == Health.Ok) found.Health.ShouldBe(Health.Ok);
        else found.ShouldTell((Health)health, $"{Math.Abs(skew)} s {(skew < 0 ? "behind" : "ahead of")} this machine's", "s at most", "chronyc");
    }
}
