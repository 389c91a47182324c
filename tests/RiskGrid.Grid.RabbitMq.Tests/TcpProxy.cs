using System.Net;
using System.Net.Sockets;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>A wire to the broker that can be cut.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];
    private readonly int _target;
    private volatile bool _refuses;
    private volatile int _accepted;
    private volatile int _ending;
    private volatile int _deaf;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets every connection; new ones too while <paramref name="refuse"/>.</summary>
    public void Cut(bool refuse = false)
    {
        _refuses = refuse;
        lock (_clients)
        {
            foreach (var client in _clients)
            {
                client.Client?.Close(0);
                client.Dispose();
            }

            _clients.Clear();
        }
    }

    /// <summary>The broker ends every connection that there is with its next word, before the last byte of it: inside a frame, as one that is killed
    /// may.</summary>
    public void EndInsideFrame() => _ending = _accepted;

    /// <summary>The broker hears nothing any more of what is said to it on the connections that there are, but that they have ended; no new ones are
    /// made while <paramref name="refuse"/>.</summary>
    public void Deafen(bool refuse = false)
    {
        _refuses = refuse;
        _deaf = _accepted;
    }

    public void Mend() => _refuses = false;

    public void Dispose()
    {
        Cut(refuse: true);
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient near;
            try
            {
                near = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                return;
            }

            if (_refuses)
            {
                near.Dispose();
                continue;
            }

            var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, _target);
            lock (_clients)
            {
                _clients.Add(near);
                _clients.Add(far);
            }

            var number = ++_accepted;
            _ = CopyAsync(near, far, () => false, () => number <= _deaf);
            _ = CopyAsync(far, near, () => number <= _ending, () => false);
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, Func<bool> endsInside, Func<bool> isDeaf)
    {
        try
        {
            var buffer = new byte[65536];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                if (isDeaf())
                    continue;
                var ends = endsInside();
                await to.GetStream().WriteAsync(buffer.AsMemory(0, ends ? read - 1 : read));
                if (!ends)
                    continue;
                to.Client.Shutdown(SocketShutdown.Send);
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or SocketException)
        {
            // Cut.
        }

        to.Dispose();
    }
}
