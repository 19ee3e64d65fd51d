using System.Net;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.OnHangfire;
using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;
using Hangfire.InMemory;
using Hangfire.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Etl.Cli.Hosting;

/// <summary>Hangfire's page of the DAGs on loopback: recurring jobs are DAGs, jobs are runs. Hangfire rings and shows; the ledger decides and works.</summary>
internal sealed class PageHost : IAsyncDisposable
{
    public const string Path = "/hangfire";

    private const int UsualPort = 8650;

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _mirroring;

    private PageHost(WebApplication app, Uri address, Action<string> say)
    {
        (_app, Address, Mirror) = (app, address, app.Services.GetRequiredService<RunMirror>());
        _mirroring = Mirror.RunAsync(say, _stop.Token);
    }

    public Uri Address { get; }

    public RunMirror Mirror { get; }

    /// <param name="port">0: the usual one, or any where that is taken.</param>
    /// <param name="onRun">Told when a run was put in here.</param>
    public static async Task<PageHost> StartAsync(IReadOnlyList<Dag> dags, IMetadata metadata, TimeProvider clock, int port, Action onRun, Action<string> say, CancellationToken cancel)
    {
        HangfirePages.AddOnce();
        try { return await BindAsync(port == 0 ? UsualPort : port); }
        catch (IOException) when (port == 0) { return await BindAsync(0); } // the usual one is taken

        async Task<PageHost> BindAsync(int at)
        {
            var app = Build(dags, metadata, clock, at, onRun);
            try
            {
                await app.StartAsync(cancel);
                app.Services.GetRequiredService<IRecurringJobManagerV2>().Declare(dags);
                string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
                return new(app, new Uri(new Uri(address), Path), say);
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }
    }

    private static WebApplication Build(IReadOnlyList<Dag> dags, IMetadata metadata, TimeProvider clock, int port, Action onRun)
    {
        var runs = metadata.Runs;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "etl" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var services = builder.Services;
        services.AddDataProtection().UseEphemeralDataProtectionProvider(); // a page that was open before a restart is loaded again
        services.AddAntiforgery(options => options.Cookie.Name = $"etl-{Environment.ProcessId}"); // cookies know no ports: each page its own; without it any site could post triggers
        services.Configure<HostFilteringOptions>(options => options.AllowedHosts = Loopback); // nor may a name that points here
        services.AddSingleton(runs);
        services.AddSingleton(provider => new RunMirror(provider.GetRequiredService<IBackgroundJobClientV2>(), runs, clock, new RetryWatch(metadata.Ledger, dags, clock)));
        services.AddSingleton(provider => PageRoutes.Of(new DagLines(dags, runs, provider.GetRequiredService<RunMirror>().JobOf, ScheduleText.Of, clock))); // before Hangfire adds its own
        services.AddSingleton(provider => new DagRinger(dags, runs, provider.GetRequiredService<RunMirror>(), provider.GetRequiredService<IBackgroundJobClientV2>(), onRun, clock, NodeHost.CodeVersion));
        services.AddHangfire(configuration => configuration.SetDataCompatibilityLevel(CompatibilityLevel.Version_180).UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings()
            .UseInMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromDays(7), MaxStateHistoryLength = 20 })
            .UseFilter(new LedgerFilter(runs)));
        services.AddHangfireServer(options => (options.WorkerCount, options.ServerName, options.SchedulePollingInterval) = (1, "etl", TimeSpan.FromSeconds(15)));
        var app = builder.Build();
        app.UseHostFiltering();
        app.Use(async (http, next) =>
        {
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            await next();
        });
        app.MapGet("/", () => Results.Redirect(Path));
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            Authorization = [new LocalRequestsOnlyAuthorizationFilter()],
            IsReadOnlyFunc = context => context.Request.Path == "/recurring/remove", // DAGs are code
            AppPath = null, DashboardTitle = "etl: DAGs", DisplayStorageConnectionString = false, StatsPollingInterval = 5_000,
            DisplayNameFunc = (_, job) => job.Type == typeof(DagRinger) ? (string)job.Args[0] : job.ToString(),
        });
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _mirroring;
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await _app.DisposeAsync();
        _stop.Dispose();
    }
}
