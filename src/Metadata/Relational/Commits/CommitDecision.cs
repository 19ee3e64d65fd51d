using System.Globalization;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Commits;

/// <summary>What becomes of one pending commit.</summary>
internal abstract record Verdict
{
    private Verdict() { }

    /// <param name="Slot">The slot's row after it; null where the commit ends none.</param>
    public sealed record Accepted(long Number, Slot? Slot) : Verdict;

    /// <summary>It is in the store: the reply to it was lost.</summary>
    public sealed record There(long Number, SlotState? SlotState) : Verdict;

    public sealed record Refused(string Reason) : Verdict;
}

/// <summary>Decides from facts alone whether a commit can be carried out, and what its slot becomes.</summary>
internal static class CommitDecision
{
    public static Verdict Decide(PendingCommit commit, CommitFacts facts, long number)
    {
        if (AlreadyThere(commit, facts) is { } there) return there;
        return Refusal(commit, facts) is { } reason ? new Verdict.Refused(reason) : new Verdict.Accepted(number, commit.Slot is { } end ? After(end, commit.Token, facts, number) : null);
    }

    /// <summary>A commit is known again by what only it can have done: its files' names, its progress, its attempt's end, its retirements, its confirmation.</summary>
    private static Verdict.There? AlreadyThere(PendingCommit commit, CommitFacts facts)
    {
        long? number = null;
        if (commit.Added is [var first, ..])
        {
            if (!facts.Files.TryGetValue(first.Path, out var known) || known.AddedBy != commit.Token) return null;
            if (!commit.Added.All(file => facts.Files.TryGetValue(file.Path, out var fact) && fact.AddedIn == known.AddedIn && fact.Rows == file.Rows && fact.Bytes == file.Bytes)) return null;
            number = known.AddedIn;
        }
        else if (commit.Progress is [var move, ..])
        {
            if (!commit.Progress.All(each => At(each, facts) is { } at && at.Next == each.Range.To && at.Token == commit.Token && at.LastHash == each.LastHash)) return null;
            number = At(move, facts)!.Number;
        }
        else if (commit.Retired is [var path, ..] && commit.Slot is null)
        {
            if (!facts.Files.TryGetValue(path, out var known) || known.RetiredIn is null || known.RetiredBy != commit.Token) return null;
            if (!commit.Retired.All(each => facts.Files.TryGetValue(each, out var fact) && fact.RetiredIn == known.RetiredIn)) return null;
            number = known.RetiredIn;
        }
        if (commit.Slot is { } end)
        {
            if (!facts.Attempts.TryGetValue((end.Id, end.Round, end.Attempt), out var attempt) || attempt.Token != commit.Token) return null;
            return number is null || number == attempt.Number ? new(attempt.Number, attempt.State) : null;
        }
        if (number is { } found) return new(found, null);
        return commit.Confirmed is { } confirmed && facts.Confirmed.TryGetValue(PublishPlace.Of(confirmed), out var at2) && at2.Version == confirmed.Version && at2.Number > 0
            ? new(at2.Number, null)
            : null;
    }

    private static string? Refusal(PendingCommit commit, CommitFacts facts)
    {
        if (!facts.OpenTokens.Contains(commit.Token)) return $"token {commit.Token} is revoked or closed: the writer must begin anew under a new one";
        foreach (var file in commit.Added)
            if (facts.Files.TryGetValue(file.Path, out var there)) return $"{file.Path} is listed already, since commit {there.AddedIn}; a name is used once";
        foreach (var path in commit.Retired)
            if (!facts.Files.TryGetValue(path, out var file)) return $"{path} is not in the lake, so it cannot be retired";
            else if (file.RetiredIn is { } by) return $"{path} was retired by commit {by} meanwhile";
        foreach (var move in commit.Progress)
            if (Standstill(move, commit.Token, facts) is { } reason) return reason;
        foreach (var schema in commit.Schemas)
            if (facts.Schemas.TryGetValue((schema.Dataset, schema.Version), out var stored) && stored != schema)
                return $"{schema.Dataset} has another schema of version {schema.Version} already: read its schemas and begin anew";
        return commit.Slot is { } end ? Lost(end, commit.Token, facts) : null;
    }

    private static ProgressFact? At(ProgressMove move, CommitFacts facts) =>
        facts.Generations.GetValueOrDefault(move.Range.Topic) == move.Range.Generation ? facts.Progress.GetValueOrDefault((move.Range.Topic, move.Range.Partition)) : null;

    private static string? Standstill(ProgressMove move, long token, CommitFacts facts)
    {
        var range = move.Range;
        var place = string.Create(CultureInfo.InvariantCulture, $"{range.Topic}/{range.Partition}");
        if (facts.Generations.TryGetValue(range.Topic, out var generation) && generation != range.Generation) return $"{place}: found generation {generation}, the batch was read in generation {range.Generation}";
        if (At(move, facts) is not { } at) return $"{place}: nobody has taken the partition";
        if (at.Token != token) return $"{place}: it is landed under token {at.Token} now, not {token}";
        if (at.Halt is { } halt) return $"{place} is halted: {halt}";
        return at.Next == range.From ? null : $"{place}: it stands at offset {at.Next}, the batch begins at {range.From}";
    }

    private static string? Lost(SlotEnd end, long token, CommitFacts facts)
    {
        if (!facts.Slots.TryGetValue(end.Id, out var row)) return $"{end.Id.Step} {end.Id.Window}: there is no such slot";
        var slot = row.Slot;
        return slot.State == SlotState.Running && slot.Round == end.Round && slot.Attempt == end.Attempt && slot.Token == token ? null
            : $"{end.Id.Step} {end.Id.Window}: found {slot.State}, round {slot.Round}, attempt {slot.Attempt}, token {slot.Token}; the finisher holds round {end.Round}, attempt {end.Attempt}, token {token}";
    }

    /// <summary>The slot after its attempt: done, or queued again where an input changed after what it read.</summary>
    private static Slot After(SlotEnd end, long token, CommitFacts facts, long number)
    {
        var slot = facts.Slots[end.Id].Slot with { Reason = end.Reason, LeaseEnd = null, NotBefore = null };
        if (end.Result is { } result) slot = slot with { Version = result.Version ?? number, Rows = result.Rows, Checksum = result.Checksum };
        if (end.State is SlotState.Done or SlotState.Skipped) slot = slot with { AsOf = end.AsOf, Digest = end.Digest };
        if (end.State == SlotState.Done && end.Inputs.FirstOrDefault(input => facts.LastChange(input) > end.AsOf) is { } changed)
            return slot with
            {
                State = SlotState.Queued,
                Round = slot.Round + 1,
                Attempt = 0,
                NotBefore = end.NotBefore,
                Reason = $"{changed.Dataset} changed in commit {facts.LastChange(changed)}, after commit {end.AsOf} that was read",
            };
        return slot with { State = end.State, NotBefore = end.State is SlotState.Retrying or SlotState.Queued ? end.NotBefore : null };
    }
}
