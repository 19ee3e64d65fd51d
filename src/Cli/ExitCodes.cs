using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Cli;

/// <summary>How the program ends, for scripts.</summary>
public static class ExitCodes
{
    public const int Ok = 0, WorkFailed = 1, Usage = 2, NotFound = 3, Conflict = 4, DoneInPart = 5, Unreachable = 6;

    /// <returns>null for what nobody foresaw: a bug of ours.</returns>
    public static int? Of(Exception error) => error switch
    {
        UsageException => Usage,
        NotFoundException => NotFound,
        ConflictException => Conflict,
        TopicException { Refusal: not null, IsTransient: false } => Usage, // login and rights are mended there
        DiskException => WorkFailed,
        StoreException { IsTransient: true } or RegistryException { IsTransient: true } => Unreachable,
        StoreException or RegistryException or WorkException or IOException or UnauthorizedAccessException => WorkFailed,
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => null,
    };
}
