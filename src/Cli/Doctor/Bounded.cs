using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Cli.Doctor;

/// <summary>Looks, for so long at most; whatever happens is a finding.</summary>
internal static class Bounded
{
    /// <summary>A server's: with its clients' own bounds below it.</summary>
    public static readonly TimeSpan ServerMax = TimeSpan.FromSeconds(6);

    /// <summary>That of one answer.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public static Task<IReadOnlyList<Finding>> LookAsync(ICheck check, TimeSpan max, TimeProvider clock, CancellationToken cancel) => LookAsync(check.Name, check.LookAsync, max, clock, cancel);

    public static async Task<IReadOnlyList<Finding>> LookAsync(string name, Func<CancellationToken, Task<IReadOnlyList<Finding>>> look, TimeSpan max, TimeProvider clock, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(max, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try { return await Task.Run(() => look(either.Token), cancel).WaitAsync(max + Grace, clock, cancel); }
        catch (Exception error) when (error is TimeoutException || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return [Finding.Away(name, $"no answer within {max.TotalSeconds:0} s", "one at once", "look whether the server hangs or is overloaded, and at the network between")];
        }
        catch (TopicException error) when (error.Refusal is { } refusal)
        {
            return [error.IsTransient ? Finding.Away(name, refusal.Found, refusal.Expected, refusal.Remedy) : Finding.Fail(name, refusal.Found, refusal.Expected, refusal.Remedy)];
        }
        catch (Exception error) when (error is StoreException or RegistryException or UsageException or ConflictException or IOException or UnauthorizedAccessException)
        {
            return [error is StoreException { IsTransient: true } or RegistryException { IsTransient: true } ? Finding.Away(name, error.Message) : Finding.Fail(name, error.Message)];
        }
    }
}
