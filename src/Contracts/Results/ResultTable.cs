using Etl.Codecs.Columns;

namespace Etl.Contracts.Results;

/// <summary>A result as a sink's table: the window's column first, then the SQL's own; BLOB states stay in the lake.</summary>
/// <param name="Name">Table name, as published.</param>
/// <param name="WindowColumn"><c>hour</c> (an instant) or <c>day</c> (a date): part of the key.</param>
/// <param name="Columns">All columns, the window's too.</param>
/// <param name="Key">Columns that name a row, the window's first.</param>
public sealed record ResultTable(string Name, string WindowColumn, IReadOnlyList<ColumnField> Columns, IReadOnlyList<string> Key);
