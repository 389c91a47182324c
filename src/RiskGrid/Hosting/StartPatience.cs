using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RiskGrid.Grid;
using RiskGrid.Ledger;

namespace RiskGrid.Hosting;

/// <summary>Waits, and says so, for servers that cannot be reached yet; what they refuse for good is thrown at once.</summary>
internal sealed class StartPatience(TimeSpan limit, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromSeconds(5);

    private readonly long _start = time.GetTimestamp();

    /// <summary>Tries until it works, or the time of the whole start is up.</summary>
    /// <param name="what">What is waited for, without secrets.</param>
    /// <param name="attempt">One try.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T> RunAsync<T>(string what, Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var said = long.MinValue;
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (MayPass(e) && time.GetElapsedTime(_start) < limit)
            {
                if (said == long.MinValue || time.GetElapsedTime(said) >= SayAgainAfter)
                {
                    log.WaitingFor(what, e.GetBaseException().Message, limit);
                    said = time.GetTimestamp();
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private static bool MayPass(Exception exception)
    {
        var passing = false;
        for (var each = exception; each is not null; each = each.InnerException)
        {
            // Wrong user or password, no such database or virtual host: nobody will mend that by waiting.
            if (each is DbException { SqlState: "3D000" } or DbException { SqlState: ['2', '8', ..] } or GrainUnavailableException { IsRefusal: true })
                return false;
            passing |= each is SocketException or TimeoutException or LedgerUnavailableException
                or GridException { Code: GridErrorCode.Unavailable or GridErrorCode.DeadlineExceeded };
        }

        return passing;
    }
}
