namespace Etl.Contracts.Workflow;

/// <summary>Values of a DAG's parameters that are kept under a name, so that it can be called with them again.</summary>
public sealed record ParameterSet
{
    public const int NameLettersMax = 64;

    /// <summary>Letters of all names and values together.</summary>
    public const int TextLettersMax = 200_000;

    public required string Dag { get; init; }

    public required string Name { get; init; }

    /// <summary>As they were given. What is not among them has its default, or is given with each call.</summary>
    public required IReadOnlyDictionary<string, string> Texts { get; init; }

    /// <summary>When, by the database's clock.</summary>
    public DateTimeOffset Saved { get; init; }

    /// <summary>Of the program that saved it.</summary>
    public string CodeVersion { get; init; } = "";

    /// <summary>1 to <see cref="NameLettersMax"/> lower-case letters, digits, - and _, starting with a letter or a digit.</summary>
    public static bool IsName(string name) => name.Length is >= 1 and <= NameLettersMax && char.IsAsciiLetterOrDigit(name[0]) && name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_');

    /// <summary>The texts of a call: those of the set, and <paramref name="given"/> in their place.</summary>
    public Dictionary<string, string> With(IReadOnlyDictionary<string, string> given)
    {
        var texts = new Dictionary<string, string>(Texts, StringComparer.Ordinal);
        foreach (var (name, text) in given) texts[name] = text;
        return texts;
    }

    /// <summary>What is wrong with its name and size; what its values mean is for <see cref="IDagArguments.Check"/>.</summary>
    public IEnumerable<string> Faults()
    {
        if (!IsName(Name)) yield return $"set: found \"{Name}\", expected 1 to {NameLettersMax} lower-case letters, digits, - and _, starting with a letter or a digit";
        if (Texts.Count == 0) yield return "set: found no value, expected at least one, such as --param latitudes=52.52";
        if (Texts.Sum(text => (long)text.Key.Length + text.Value.Length) is var letters and > TextLettersMax) yield return $"set: found {letters:N0} letters of values, expected at most {TextLettersMax:N0}";
    }
}
