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
        JobHistoryRenderer.AddStateCssSuffix(InLedgerState.StateName, "processing");
        DashboardRoutes.Routes.AddRazorPage("/jobs/in-ledger", _ => new InLedgerPage());
        JobsSidebarMenu.Items.Add(page => new MenuItem("In ledger", page.Url.To("/jobs/in-ledger")) { Active = page.RequestPath.StartsWith("/jobs/in-ledger", StringComparison.Ordinal), Metric = Count });
    }

    /// <summary>The jobs whose run has not ended.</summary>
    private sealed class InLedgerPage : RazorPage
    {
        public override void Execute()
        {
            Layout = new LayoutPage("In ledger");
            WriteLiteral("<div class=\"row\"><div class=\"col-md-3\">");
            Write(Html.JobsSidebar());
            WriteLiteral("</div><div class=\"col-md-9\"><h1 class=\"page-header\">In ledger</h1><table class=\"table\"><thead><tr><th>Job</th><th>DAG</th><th>Run</th><th>Fire</th><th>Round</th></tr></thead><tbody>");
            using var connection = Storage.GetReadOnlyConnection();
            foreach (string id in connection.GetAllItemsFromSet(InLedgerState.Set))
            {
                if (connection.GetStateData(id)?.Data is not { } state) continue;
                WriteLiteral("<tr><td>");
                Write(Html.JobIdLink(id));
                foreach (string column in (string[])["Dag", "Run", "Fire", "Round"])
                {
                    WriteLiteral("</td><td>");
                    Write(state[column]);
                }
                WriteLiteral("</td></tr>");
            }
            WriteLiteral("</tbody></table></div></div>");
        }
    }
}
