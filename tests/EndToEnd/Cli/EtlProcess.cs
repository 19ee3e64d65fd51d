using System.Diagnostics;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>The built program as a process of its own, in a folder of its own; as a user's shell starts it.</summary>
internal sealed class EtlProcess : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4); // the demo on a busy machine; a call that hangs is ended
    private static readonly string Program = SourceTree.PathOf("artifacts", "bin", "Etl.Cli", "release", "etl");

    public string Folder { get; } = Directory.CreateTempSubdirectory("etl-cli-").FullName;

    /// <summary>Where calls without --data keep their state.</summary>
    public string Data => Path.Combine(Folder, "etl-data");

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Makes the data folder, as a call that fills it leaves it, with nothing in it.</summary>
    public void UseFolder()
    {
        Directory.CreateDirectory(Data);
        File.Create(Path.Combine(Data, "lock")).Dispose();
    }

    public async Task<Ended> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        using var late = new CancellationTokenSource(Longest);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"etl {string.Join(' ', arguments)} ran longer than {Longest}");
        }
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("Etl__", StringComparison.Ordinal)).ToList()) start.Environment.Remove(inherited);
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal sealed record Ended(int Code, string Output, string Errors)
{
    /// <summary>The one line that a foreseen trouble is told in: nothing before it, nothing after, no stack.</summary>
    public string OneLine(int code)
    {
        Code.ShouldBe(code, Errors);
        Output.ShouldBe("");
        string line = Errors.TrimEnd('\n').ShouldStartAs("etl: ");
        line.ShouldNotContain('\n');
        line.ShouldNotContain("   at ");
        return line;
    }
}

internal static class Texts
{
    public static string ShouldStartAs(this string text, string start)
    {
        text.ShouldStartWith(start);
        return text;
    }
}
