using System.Diagnostics;
using Etl.Tests.EndToEnd;
using Etl.Tests.EndToEnd.Cli;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace Etl.Tests.Browser;

/// <summary>`etl up` in a folder of its own, and its page in a browser.</summary>
internal sealed class DagsOnPage : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2), LookEvery = TimeSpan.FromMilliseconds(200);
    private static readonly string Shots = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "screenshots")).FullName;

    private readonly EtlProcess _etl = new();
    private readonly IBrowserContext _context;
    private Process? _up;

    private DagsOnPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>What the process has said.</summary>
    public LineWaiter Lines { get; private set; } = null!;

    public string Address { get; private set; } = "";

    public static async Task<DagsOnPage> OpenAsync(Chromium chromium, IReadOnlyDictionary<string, string>? environment = null)
    {
        var context = await chromium.OpenAsync();
        var here = new DagsOnPage(context, await context.NewPageAsync());
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) here._etl.Environment[name] = value;
        await here.StartAsync();
        return here;
    }

    public async Task StartAsync()
    {
        _up = _etl.Start("up", "--every", "0.5");
        Lines = new(_up);
        Address = (await Lines.ForAsync("/hangfire", Longest)).Split(' ')[^1];
    }

    /// <summary>As kill -9.</summary>
    public async Task KillAsync()
    {
        if (_up is null) return;
        _up.Kill();
        await _up.WaitForExitAsync();
        _up.Dispose();
        _up = null;
    }

    public Task GoAsync(string path) => Page.GotoAsync(Address + path);

    /// <summary>Loads a page again and again until it shows what is looked for: these pages do not change by themselves.</summary>
    public async Task<ILocator> UntilAsync(string path, Func<IPage, ILocator> find)
    {
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(LookEvery))
        {
            await GoAsync(path);
            if (await find(Page).CountAsync() > 0) return find(Page).First;
            if (Stopwatch.GetElapsedTime(began) > Longest) throw new TimeoutException($"{path} did not show it within {Longest}; it shows:\n{await Page.InnerTextAsync("body")}\n{Lines.All}");
        }
    }

    /// <summary>The row of a DAG.</summary>
    public static ILocator Row(IPage page, string dag) => page.Locator("tbody tr").Filter(new() { Has = page.GetByText(dag, new() { Exact = true }) });

    public async Task TriggerAsync(string dag)
    {
        await GoAsync("/recurring");
        await Row(Page, dag).Locator("input[type=checkbox]").CheckAsync();
        await PressAsync("Trigger now");
    }

    /// <summary>Presses a button that posts. Where the post was taken, the page loads itself again.</summary>
    public async Task PressAsync(string button)
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        await Page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        await loaded.Task.WaitAsync(Longest);
        Page.Load -= Loaded;
    }

    /// <summary>Waits until the DAG's last run is in a state.</summary>
    public Task<ILocator> LastRunAsync(string dag, string state) => UntilAsync("/recurring", page => Row(page, dag).Filter(new() { HasText = state }));

    /// <summary>Waits until a run has ended by what the process says, which costs no loading of pages; then until the page shows it.</summary>
    public async Task EndAsync(string dag, string end, string state)
    {
        await Lines.ForAsync($"{dag}: run 1 {end}", Longest);
        await LastRunAsync(dag, state);
    }

    /// <summary>Opens the job that shows the last run of a DAG.</summary>
    public async Task OpenLastAsync(string dag)
    {
        var link = await UntilAsync("/recurring", page => Row(page, dag).Locator("a[href*='/jobs/details/']"));
        await Page.GotoAsync(new Uri(new Uri(Address), await link.GetAttributeAsync("href")).ToString());
    }

    public Task ShootAsync(string name) => Page.ScreenshotAsync(new() { Path = Path.Combine(Shots, $"{name}.png"), FullPage = true });

    public Task<string> TextAsync() => Page.InnerTextAsync("body");

    /// <summary>Rows of a table in the embedded sink; 0 where it is not made yet.</summary>
    public int Rows(string table)
    {
        try { return new SqliteTables(Path.Combine(_etl.Data, "results.db")).Read(table).Count; }
        catch (SqliteException error) when (error.Message.Contains("no such table", StringComparison.Ordinal)) { return 0; }
    }

    public Task<Ended> EtlAsync(params string[] call) => _etl.RunAsync(call);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _context.DisposeAsync();
        _etl.Dispose();
    }
}
