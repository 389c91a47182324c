namespace RiskGrid.Grid.RabbitMq;

/// <content>Starts, reconnects, stops.</content>
public sealed partial class RabbitMqEngine
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private IEngineHost? _host;
    private Task _supervision = Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>Completes when this silo takes calls, or, without anything to host, when it is connected. Tries for
    /// <see cref="RabbitMqOptions.ConnectTimeout"/> to reach the broker.</remarks>
    /// <exception cref="GrainUnavailableException">The broker cannot be reached or used; the message says where, why, and how to mend
    /// it.</exception>
    public async Task StartAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (Interlocked.CompareExchange(ref _host, host, null) is not null)
            throw new InvalidOperationException("An engine serves one silo.");
        var session = await OpenAsync(host, _options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
        _isServing = true;
        _supervision = Task.Run(() => SuperviseAsync(host, session), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_host is not { } host || _stopping.IsCancellationRequested)
            return;
        var start = _clock.GetTimestamp();
        // From here on nobody reconnects; a session that is there is left in good order, one that is still being opened is given up.
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _supervision.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_session is { } session)
            {
                await session.LeaveAsync(cancellationToken).ConfigureAwait(false);
                _log.Left(BrokerConnection.Describe(_options.Address), (long)_clock.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException)
        {
            // Leaving at once is what the caller asked for; or the connection was lost meanwhile, and with it all that could be handed over.
        }
#pragma warning disable CA1031 // Whatever it is: the broker gives what this silo held to others, and the silo stops.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            host.Report(new GrainError(GrainErrorSource.Engine, "rabbitmq", "", "leaving", exception));
        }

        _isServing = false;
        if (_session is { } left)
        {
            _session = null;
            await left.DisposeAsync().ConfigureAwait(false);
        }

        try
        {
            await host.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As above.
        }

        await _supervision.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _isServing = false;
        await _supervision.ConfigureAwait(false);
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task SuperviseAsync(IEngineHost host, Session session)
    {
        while (!_stopping.IsCancellationRequested)
        {
            string reason;
            try
            {
                reason = await session.Lost.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _session = null;
            // Once for all that was under way.
            host.Report(new GrainError(
                GrainErrorSource.Engine, "rabbitmq", "", "connection",
                new GrainUnavailableException(
                    $"The connection to the broker at {BrokerConnection.Describe(_options.Address)} was lost: {reason}. It is being rebuilt; calls "
                    + "meanwhile fail and may be retried.")));
            await session.DisposeAsync().ConfigureAwait(false);
            try
            {
                session = await OpenAsync(host, null, _stopping.Token).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Why the last try failed does not matter to who stops.
            catch (Exception) when (_stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                return;
            }
        }
    }

    /// <summary>Tries until it succeeds, or the limit has passed.</summary>
    private async Task<Session> OpenAsync(IEngineHost host, TimeSpan? limit, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            try
            {
                return await OpenOnceAsync(host, cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is: try again, or say it in words.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                var reason = BrokerConnection.Explain(_options.Address, exception);
                var hopeless = BrokerConnection.IsHopeless(exception);
                if (limit is { } patience && (hopeless || _clock.GetElapsedTime(start) + pause > patience))
                    throw new GrainUnavailableException(reason, exception) { IsRefusal = hopeless };
                _log.NotReached(reason, pause);
            }

            await Task.Delay(pause, _clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<Session> OpenOnceAsync(IEngineHost host, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        var session = await Session.ConnectAsync(_options, host, _log, _clock, cancellationToken).ConfigureAwait(false);
        try
        {
            // Grains that are called from now on may call in turn.
            _session = session;
            await session.ConsumeAsync(cancellationToken).ConfigureAwait(false);
            _log.Joined(
                BrokerConnection.Describe(_options.Address), session.Incarnation, string.Join(", ", session.Kinds), _options.Prefix,
                (long)_clock.GetElapsedTime(start).TotalMilliseconds);
            return session;
        }
        catch
        {
            _session = null;
            session.Lose("it could not be set up");

            // What is lost late must not be taken for the next session's.
            await session.Lost.ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
