using System.Globalization;
using Etl.Contracts;

namespace Etl.Metadata;

/// <summary>The database's clock and the node's disagree so much that no commit is numbered.</summary>
public sealed class ClockSkewException(DateTimeOffset store, DateTimeOffset own, TimeSpan max) : StoreException(string.Create(CultureInfo.InvariantCulture,
    $"metadata: the database's clock reads {store:yyyy-MM-dd HH:mm:ss}Z, this machine's {own:yyyy-MM-dd HH:mm:ss}Z; commits stop beyond {max.TotalMinutes:0.#} min apart: set both by a time server"), isTransient: false);
