using System.Runtime.CompilerServices;
using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Writes rows by prepared statements of many rows each. Measured on MariaDB 10.11, 12 columns: 500 rows a statement is the best of 100, 500, 1,000 and 2,000.</summary>
internal sealed class MySqlRows
{
    public const int RowsPerStatement = 500;

    /// <summary>Bytes of text in one statement: far below the least <c>max_allowed_packet</c> in use (16 MB).</summary>
    public const int TextBytesPerStatement = 4 * 1024 * 1024;

    private const int PlaceholdersMax = 65_535;

    private readonly RowsByKey _rows;
    private readonly ColumnField[] _fields;
    private readonly List<int> _statements = []; // rows of each

    /// <exception cref="StoreException">A text of the key is too long.</exception>
    public MySqlRows(ResultTable table, RowsByKey rows)
    {
        (_rows, _fields) = (rows, [.. rows.Columns.Select(column => rows.Batch.Fields[column])]);
        CheckKeys(table);
        Plan();
    }

    /// <param name="sqlOf">The statement for so many rows.</param>
    public async Task WriteAsync(MySqlConnection connection, MySqlTransaction transaction, Func<int, string> sqlOf, CancellationToken cancel)
    {
        MySqlCommand? command = null;
        try
        {
            object[] boxes = [];
            for (int i = 0, first = 0; i < _statements.Count; first += _statements[i++])
            {
                if (command is null || _statements[i] != _statements[i - 1])
                {
                    if (command is not null) await command.DisposeAsync();
                    command = new MySqlCommand(sqlOf(_statements[i]), connection, transaction);
                    boxes = Parameters(command, _statements[i]);
                    await command.PrepareAsync(cancel);
                }
                Bind(command.Parameters, boxes, first, _statements[i]);
                await command.ExecuteNonQueryAsync(cancel);
                if (i == 0) CrashPoints.Reached(CrashPoint.PublishHalf);
                cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (command is not null) await command.DisposeAsync();
        }
    }

    private void CheckKeys(ResultTable table)
    {
        int lettersMax = MySqlSql.KeyLetters(table);
        foreach (string name in table.Key)
        {
            int column = _rows.Batch.IndexOf(name);
            if (_rows.Batch.Fields[column].Type.Kind != ColumnKind.Text) continue;
            for (int row = 0; row < _rows.Count; row++)
                if (_rows.Batch.GetBytes(column, row) is { } text && text.Length > lettersMax && Letters(text) is var letters && letters > lettersMax)
                    throw new StoreException($"{table.Name}.{name}: found a key of {letters} letters (\"{Encoding.UTF8.GetString(text[..40])}…\"), expected at most {lettersMax}, as MySQL's keys are short; cut or hash it in the SQL", isTransient: false);
        }
    }

    private static int Letters(ReadOnlySpan<byte> text)
    {
        int letters = 0;
        foreach (byte unit in text)
            if ((unit & 0xC0) != 0x80) letters++;
        return letters;
    }

    private void Plan()
    {
        int rowsMax = Math.Min(RowsPerStatement, PlaceholdersMax / _fields.Length);
        long bytes = 0;
        for (int i = 0; i < _rows.Count; i++)
        {
            long own = TextBytes(_rows.Row(i));
            if (i == 0 || _statements[^1] == rowsMax || bytes + own > TextBytesPerStatement)
            {
                _statements.Add(0);
                bytes = 0;
            }
            _statements[^1]++;
            bytes += own;
        }
    }

    private long TextBytes(int row)
    {
        long bytes = 0;
        for (int i = 0; i < _fields.Length; i++)
            bytes += _rows.Batch.IsNull(_rows.Columns[i], row) ? 0 : _fields[i].Type.Kind switch
            {
                ColumnKind.Text => _rows.Batch.GetBytes(_rows.Columns[i], row).Length,
                ColumnKind.List or ColumnKind.Struct or ColumnKind.Map => ColumnJson.Write(_rows.Batch.Block(row / ColumnBlock.RowsMax).Columns[_rows.Columns[i]], row % ColumnBlock.RowsMax).Length,
                _ => 0,
            };
        return bytes;
    }

    private object[] Parameters(MySqlCommand command, int rows)
    {
        var boxes = new object[rows * _fields.Length];
        for (int i = 0; i < boxes.Length; i++)
        {
            var (type, box) = MySqlValue.Start(_fields[i % _fields.Length].Type.Kind);
            boxes[i] = box;
            command.Parameters.Add(new MySqlParameter { MySqlDbType = type, Value = box });
        }
        return boxes;
    }

    private void Bind(MySqlParameterCollection parameters, object[] boxes, int first, int count)
    {
        for (int i = 0, parameter = 0; i < count; i++)
        {
            int row = _rows.Row(first + i), inBlock = row % ColumnBlock.RowsMax;
            var columns = _rows.Batch.Block(row / ColumnBlock.RowsMax).Columns;
            for (int column = 0; column < _fields.Length; column++, parameter++)
                parameters[parameter].Value = MySqlValue.Of(_fields[column], columns[_rows.Columns[column]], inBlock, boxes[parameter]);
        }
    }
}
