using System.Net;
using Hangfire;
using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Hangfire.States;
using Hangfire.Storage;

namespace Etl.Scheduler.OnHangfire;

/// <summary>What we add to Hangfire's pages. Its lists are static: added once for the process.</summary>
public static class HangfirePages
{
    private static readonly DashboardMetric Count = new("in-ledger:count", "In ledger", page => new Metric(page.Storage.GetReadOnlyConnection() is JobStorageConnection connection ? connection.GetSetCount(InLedgerState.Set) : 0) { Style = MetricStyle.Info });

    private static int _done;

    public static void AddOnce()
    {
        if (Interlocked.Exchange(ref _done, 1) != 0) return;
        GlobalStateHandlers.Handlers.Add(new InLedgerState.Handler());
        JobHistoryRenderer.Register(InLedgerState.StateName, (_, data) => new NonEscapedString($"<dl class=\"dl-horizontal\">{string.Concat(data.Select(pair => $"<dt>{WebUtility.HtmlEncode(pair.Key)}</dt><dd>{WebUtility.HtmlEncode(pair.Value)}</dd>"))}</dl>"));
        JobHistoryRenderer.Register(FailedState.StateName, (_, data) => new NonEscapedString($"<h4 class=\"exception-type\">{Of(data, "ExceptionType")}</h4><p class=\"text-muted\">{Of(data, "ExceptionMessage")}</p><p>{Of(data, "ExceptionDetails")}</p>")); // Hangfire's own looks for a stack
        JobHistoryRenderer.AddStateCssSuffix(InLedgerState.StateName, "processing");
        DashboardRoutes.Routes.AddRazorPage("/jobs/in-ledger", _ => new LedgerJobsPage("In ledger", "In ledger: what goes on", InLedgerState.Set));
        JobsSidebarMenu.Items.Add(page => new MenuItem("In ledger", page.Url.To("/jobs/in-ledger")) { Active = page.RequestPath.StartsWith("/jobs/in-ledger", StringComparison.Ordinal), Metric = Count });
    }

    private static string Of(IDictionary<string, string> data, string name) => data.TryGetValue(name, out string? text) ? WebUtility.HtmlEncode(text) : "";
}
