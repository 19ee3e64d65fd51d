using Etl.Contracts;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class LakeFilesTests : IDisposable
{
    private static readonly DateTimeOffset March = new(2026, 3, 31, 23, 0, 0, TimeSpan.Zero);

    private readonly LakeFiles _files = new(Directory.CreateTempSubdirectory("etl-files-").FullName);

    public void Dispose() => Directory.Delete(_files.Folder, recursive: true);

    [Fact]
    public async Task A_file_lies_under_its_dataset_and_month_and_no_name_comes_twice()
    {
        var one = await WriteAsync("abc");
        var two = await WriteAsync("abcd");
        one.Path.ShouldMatch(@"^truck_data/2026-03/17-\d+\.parquet$");
        two.Path.ShouldNotBe(one.Path);
        (one.Bytes, two.Bytes).ShouldBe((3, 4));
        _files.All().Order().ShouldBe(new[] { one.Path, two.Path }.Order());
    }

    [Theory]
    [InlineData(CrashPoint.FileWritten, true)]
    [InlineData(CrashPoint.FileRenamed, false)]
    public async Task A_crash_leaves_a_file_that_tells_its_writer(CrashPoint at, bool temporary)
    {
        using (CrashPoints.Listen(point => { if (point == at) throw new InvalidOperationException("crash"); }))
            await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync("abc"));
        string left = _files.All().ShouldHaveSingleItem();
        (LakeFiles.TokenOf(left), LakeFiles.IsTemporary(left)).ShouldBe((17L, temporary));
    }

    [Fact]
    public async Task What_the_disk_refuses_is_told_with_the_path()
    {
        File.WriteAllText(_files.FullPath("truck_data"), "a file where the folder should be");
        var error = await Should.ThrowAsync<StoreException>(() => WriteAsync("abc"));
        error.Message.ShouldContain(_files.FullPath("truck_data"));
        error.Message.ShouldContain("Mend");
    }

    [Theory]
    [InlineData("a/2026-03/17-4.parquet", 17L)]
    [InlineData("a/2026-03/17-4.parquet.tmp", 17L)]
    [InlineData("a/2026-03/17.parquet", null)]
    [InlineData("a/2026-03/x-4.parquet", null)]
    [InlineData("a/2026-03/-4.parquet", null)]
    [InlineData("a/2026-03/17-4.csv", null)]
    public void Only_our_names_have_a_token(string path, long? token) => LakeFiles.TokenOf(path).ShouldBe(token);

    [Fact]
    public void Deleting_what_is_gone_is_no_fault() => Should.NotThrow(() => _files.Delete("nowhere/2026-03/1-1.parquet"));

    private Task<(string Path, long Bytes)> WriteAsync(string text) => _files.WriteAsync("truck_data", March, 17, path => File.WriteAllTextAsync(path, text));
}
