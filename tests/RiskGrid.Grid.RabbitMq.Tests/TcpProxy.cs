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

            _ = CopyAsync(near, far);
            _ = CopyAsync(far, near);
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }

        to.Dispose();
    }
}
