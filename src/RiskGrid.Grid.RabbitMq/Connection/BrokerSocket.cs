using System.Net.Sockets;
using RabbitMQ.Client;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>The connection's socket. An end of the stream is an error in it, wherever it comes.</summary>
/// <remarks>RabbitMQ.Client (7.1, and 7.2 yet) takes an end in the middle of a frame, as a broker that is killed leaves it, for a pause: its receive loop
/// reads it again and again, on a whole processor, and the connection counts as open.</remarks>
internal sealed class BrokerSocket(Socket socket) : TcpClientAdapter(socket)
{
    public static BrokerSocket Create(AddressFamily family) => new BrokerSocket(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    public override NetworkStream GetStream() => new EndingStream(Client);

    private sealed class EndingStream(Socket socket) : NetworkStream(socket)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return read > 0 || buffer.IsEmpty ? read : throw new EndOfStreamException("The broker has closed the connection.");
        }
    }
}
