using Etl.Tests.Browser;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Etl.Tests.Browser;

/// <summary>One headless Chromium for all tests; each test has a context of its own, as cookies know no ports.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";

    private static readonly string[] Flags =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Path)) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = Flags }); // in a new empty profile
    }

    public async Task<IBrowserContext> OpenAsync()
    {
        if (_browser is null) Assert.Skip($"{Path} was not found; install it (apt-get install chromium) to see the page as a person does");
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1_280, Height = 800 } });
        context.SetDefaultTimeout(10_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
