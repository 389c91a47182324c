using System.Collections.Concurrent;
using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RiskGrid.Grid.RabbitMq;

/// <summary>One connection to the broker with its socket; says in words why one cannot be opened.</summary>
internal sealed class BrokerConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(1);

    // Of every address of the host that was tried: the last one is the connection's.
    private readonly ConcurrentQueue<ITcpClient> _sockets = new();
    private IConnection? _open;

    private BrokerConnection()
    {
    }

    public IConnection Open => _open!;

    public static async Task<BrokerConnection> OpenAsync(RabbitMqOptions options, string name, CancellationToken cancellationToken)
    {
        var connection = new BrokerConnection();
        var factory = new ConnectionFactory
        {
            Uri = options.Address,
            ClientProvidedName = name,
            // Who reconnects has lost its partitions: the engine rebuilds everything itself.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            SocketFactory = connection.CreateSocket,
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = Patience,
            ContinuationTimeout = Patience,
            HandshakeContinuationTimeout = Patience,
            // A batch and, in it, one message of any size; as much again for what is around each.
            MaxInboundMessageBodySize = (uint)Math.Min(uint.MaxValue, 2 * ((long)options.BatchBytes + options.MessageBytes)),
        };
        try
        {
            connection._open = await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.CloseSockets();
            throw;
        }
    }

    /// <summary>The address without its password.</summary>
    public static string Describe(Uri address)
    {
        var user = address.UserInfo.Split(':')[0];
        var port = address.Port > 0 ? address.Port : address.Scheme == "amqps" ? 5671 : 5672;
        return $"{address.Scheme}://{(user.Length == 0 ? "" : user + "@")}{address.Host}:{port}{(address.AbsolutePath.Length > 1 ? address.AbsolutePath : "/")}";
    }

    /// <summary>What is wrong and how to mend it.</summary>
    public static string Explain(Uri address, Exception exception)
    {
        var at = Describe(address);
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationFailureException:
                    return $"The broker at {at} refuses this user or password: correct them in the broker's address.";
                case OperationInterruptedException { ShutdownReason.ReplyCode: Constants.PreconditionFailed } interrupted:
                    return $"The broker at {at} has queues of other limits under this prefix ({interrupted.ShutdownReason.ReplyText}): "
                        + "give all silos the same options, use another prefix, or delete the old queues.";
                case OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused or Constants.NotAllowed } interrupted:
                    return $"The broker at {at} does not permit this ({interrupted.ShutdownReason.ReplyText}): "
                        + "create the virtual host and give the user the right to configure, write and read.";
                case SilentQueueException silent:
                    return $"The broker at {at} does not answer for its queue {silent.Queue}, which has no leader: start the broker's other nodes. "
                        + $"If none is missing (rabbitmq-queues quorum_status {silent.Queue}), delete the queue with what waits in it: it is made anew.";
                case SocketException socket:
                    return $"The broker at {at} cannot be reached ({socket.Message}): start it, or correct the broker's address.";
            }
        }

        return $"The broker at {at} does not answer as expected ({exception.GetType().Name}: {exception.Message}): "
            + "see that a RabbitMQ broker of version 3.10 or later listens there.";
    }

    /// <summary>Trying again as it is cannot help.</summary>
    public static bool IsHopeless(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationFailureException
                or OperationInterruptedException { ShutdownReason.ReplyCode: Constants.PreconditionFailed or Constants.AccessRefused or Constants.NotAllowed })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends it without waiting for the other side for long. The broker sees it end in any case, and gives what it held to others.</summary>
    public async Task AbortAsync()
    {
        try
        {
            // What the library still waits for then, it waits for alone: who reconnects does not.
            await DropAsync().WaitAsync(2 * AbortPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
        }
        finally
        {
            CloseSockets();
        }
    }

    private async Task DropAsync()
    {
        try
        {
            await Open.CloseAsync(Constants.ReplySuccess, "dropped", AbortPatience, abort: true, CancellationToken.None).ConfigureAwait(false);
            await Open.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is given up in any case.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private BrokerSocket CreateSocket(AddressFamily family)
    {
        var socket = BrokerSocket.Create(family);
        _sockets.Enqueue(socket);
        return socket;
    }

    private void CloseSockets()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }
}
