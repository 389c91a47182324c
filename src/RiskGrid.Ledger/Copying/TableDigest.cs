using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace RiskGrid.Ledger.Copying;

/// <summary>Counts and hashes the rows of a table: SHA-256 over every column's kind, length and bytes, row by row.</summary>
internal sealed class TableDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Rows { get; private set; }

    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public async IAsyncEnumerable<object?[]> TapAsync(
        IAsyncEnumerable<object?[]> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Add(row);
            yield return row;
        }
    }

    public void Add(object?[] row)
    {
        Rows++;
        Span<byte> number = stackalloc byte[8];
        foreach (var value in row)
        {
            switch (value)
            {
                case null:
                    Add(0, []);
                    break;
                case long integer:
                    BinaryPrimitives.WriteInt64LittleEndian(number, integer);
                    Add(1, number);
                    break;
                case string text:
                    Add(2, Encoding.UTF8.GetBytes(text));
                    break;
                default:
                    Add(3, (byte[])value);
                    break;
            }
        }
    }

    public void Dispose() => _hash.Dispose();

    private void Add(byte kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        _hash.AppendData(head);
        _hash.AppendData(bytes);
    }
}
