using Hangfire.Dashboard;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Hangfire's pages, with ours in the place of those that would mislead: recurring jobs, failed ones, and retries, which here the ledger makes.</summary>
public static class PageRoutes
{
    public static RouteCollection Of(DagLines lines)
    {
        var routes = new RouteCollection();
        routes.Add("/recurring", new DagsDispatcher(lines));
        routes.AddRazorPage("/retries", _ => new LedgerJobsPage("Retries", "What is tried again", InLedgerState.RetryingSet));
        routes.AddRazorPage("/jobs/failed", _ => new FailedRunsPage());
        routes.Add(".*", new Others());
        return routes;
    }

    private sealed class Others : IDashboardDispatcher
    {
        public async Task Dispatch(DashboardContext context)
        {
            if (DashboardRoutes.Routes.FindDispatcher(context.Request.Path) is not { } found)
            {
                context.Response.StatusCode = 404;
                return;
            }
            context.UriMatch = found.Item2;
            await found.Item1.Dispatch(context);
        }
    }
}
