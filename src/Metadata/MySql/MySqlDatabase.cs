using Etl.Metadata.Relational;
using MySqlConnector;

namespace Etl.Metadata.MySql;

/// <summary>MySQL and MariaDB at READ COMMITTED: short transactions that lock the rows they name.</summary>
internal sealed class MySqlDatabase : Database
{
    private readonly MySqlServer _server;

    public MySqlDatabase(MySqlServer server) : base(server.Options)
    {
        _server = server;
        Readers = Writers = new(server.Options.ConnectionsMax, server.Options.Patience, MoreConnections, server.ConnectAsync);
    }

    public override SqlText Clock => new("cast(unix_timestamp(now(6)) * 1000000 as signed)");

    public override SqlText InsertIgnore => new("insert ignore into");

    public override SqlText LastNumber => new("last_insert_id()");

    public override int ListMax => 1_000;

    public override int ClaimLookAhead => 3;

    public override bool OverwritesMany => true;

    public override SqlText ForUpdate => new(" for update");

    public override SqlText ForUpdateSkipLocked => new(" for update skip locked");

    protected override string Begin => "start transaction";

    protected override SessionPool Readers { get; }

    protected override SessionPool Writers { get; }

    public override SqlText Overwrite(string key, params string[] columns) =>
        new($" on duplicate key update {string.Join(", ", columns.Select(static column => $"{column} = values({column})"))}");

    public override SqlText Append(string key, string list, params string[] columns) =>
        new($"{Overwrite(key, columns).Text}, {list} = concat(left({list}, char_length({list}) - 1), ',', substr(values({list}), 2))");

    protected override Trouble? Judge(Exception exception) => MySqlTrouble.Judge(exception, $"metadata {_server.Address}", _server.Database);
}
