using System.ComponentModel;
using System.Runtime.InteropServices;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Scheduler.Running;

namespace Etl.Tests.PublishWorker;

/// <summary>An order to freeze that lies in the lake's folder for whichever process comes by that point of a publish first. It stops itself there, whole, until a SIGCONT from outside.</summary>
/// <param name="folder">Where orders are put.</param>
public sealed partial class Freezer(string folder)
{
    private const int StopSignal = 19; // SIGSTOP

    private readonly string _file = Path.Combine(folder, "freeze");

    /// <summary>The order that this process has taken last; null when it has gone on and said so.</summary>
    public string? Taken { get; private set; }

    /// <summary>Puts down an order: <paramref name="name"/> tells it from others.</summary>
    public void Order(string name, SinkName sink, CrashPoint point)
    {
        File.WriteAllText(_file + ".new", Text(name, sink, point));
        File.Move(_file + ".new", _file);
    }

    /// <returns>Whether it was frozen.</returns>
    public bool At(SinkName sink, CrashPoint point)
    {
        if (!TryTake(sink, point, out string name)) return false;
        Taken = name;
        Console.Error.WriteLine($"frozen {name} at {point} of {sink}");
        if (Raise(StopSignal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        return true;
    }

    /// <summary>The group of slots that it was frozen in has ended.</summary>
    public void Over()
    {
        if (Taken is null) return;
        Console.Error.WriteLine($"over {Taken}");
        Taken = null;
    }

    // Of several that see it, the one that moves it has it.
    private bool TryTake(SinkName sink, CrashPoint point, out string name)
    {
        name = "";
        string taken = $"{_file}.{Environment.ProcessId}";
        try
        {
            if (!File.Exists(_file)) return false;
            name = File.ReadAllText(_file).Split(' ')[0];
            if (File.ReadAllText(_file) != Text(name, sink, point)) return false;
            File.Move(_file, taken, overwrite: true);
            return File.ReadAllText(taken) == Text(name, sink, point);
        }
        catch (FileNotFoundException) { return false; }
    }

    private static string Text(string name, SinkName sink, CrashPoint point) => $"{name} {sink} {point}";

    // Of this thread, and through it of all: a signal to the process would wait for a thread that sleeps, and this one would go on meanwhile.
    [LibraryImport("libc", EntryPoint = "raise", SetLastError = true)]
    private static partial int Raise(int signal);
}

/// <summary>The product's publishes. They do not hear that their lease is over: what keeps a late write from harm is the version alone.</summary>
public sealed class FreezingJobs(PublishParts parts, Freezer freezer) : IJobCatalog
{
    private readonly Dictionary<Step, IJob> _jobs = PublishParts.Dag.Steps.OfType<PublishStep>().ToDictionary(step => (Step)step, step => (IJob)new FreezingJob(parts.JobOf(step), step, freezer));

    public IJob? JobOf(Step step) => _jobs.GetValueOrDefault(step);

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    private sealed class FreezingJob(Publish publish, PublishStep step, Freezer freezer) : IGroupJob
    {
        public int GroupMax => publish.GroupMax;

        public bool IsSplitOnFailure => publish.IsSplitOnFailure;

        public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => (await RunAsync([context], cancel))[0];

        public async ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel)
        {
            string? late = null;
            using var listening = CrashPoints.Listen(point =>
            {
                if (freezer.At(step.Sink, point)) late = freezer.Taken;
            });
            IReadOnlyList<JobResult> results;
            try { results = await publish.RunAsync(contexts, CancellationToken.None); }
            catch (Exception error) when (late is not null)
            {
                Console.Error.WriteLine($"late {late}: {error}");
                throw;
            }
            if (late is not null) Console.Error.WriteLine($"late {late}: {string.Join(", ", results.Select(result => result is JobResult.Skipped skipped ? $"Skipped ({skipped.Reason})" : result.GetType().Name))}");
            return results;
        }
    }
}
