namespace Etl.Codecs.Avro;

/// <summary>A type's name and namespace; the null namespace is empty text.</summary>
internal readonly record struct SchemaName(string Name, string Namespace)
{
    public string Full => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    /// <summary>A name with a dot is a full one and the namespace is ignored; a leading dot means the null namespace.</summary>
    public static SchemaName Of(string name, string @namespace) =>
        name.LastIndexOf('.') is var dot && dot < 0 ? new(name, @namespace) : new(name[(dot + 1)..], name[..dot]);

    public bool IsValid(bool strict) => IsName(Name, strict) && (Namespace.Length == 0 || Namespace.Split('.').All(part => IsName(part, strict)));

    /// <summary>Strict: <c>[A-Za-z_][A-Za-z0-9_]*</c>. Else any letters and digits, as the Java library has it.</summary>
    public static bool IsName(string text, bool strict)
    {
        if (text.Length == 0 || char.IsDigit(text[0])) return false;
        foreach (char one in text)
        {
            bool fits = one == '_' || (strict ? char.IsAsciiLetterOrDigit(one) : char.IsLetterOrDigit(one));
            if (!fits) return false;
        }
        return true;
    }
}
