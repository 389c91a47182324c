using System.Runtime.CompilerServices;
using Grpc.Health.V1;
using RiskGrid.Protocol.Rpc;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace RiskGrid.Gateway.Rpc;

/// <summary>Whether the server and each of its services are able to answer; told over <c>grpc.health.v1</c> and <c>/readyz</c>. Thread-safe.</summary>
public sealed class GatewayHealth
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, bool> _serving;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GatewayHealth(IEnumerable<string> services) => _serving = services.Append("").ToDictionary(name => name, _ => true);

    /// <summary>Whether the whole server is ready.</summary>
    public bool IsServing
    {
        get
        {
            lock (_lock)
                return _serving[""];
        }
    }

    /// <summary>Declares a service, or with the empty name the whole server, ready or not.</summary>
    /// <exception cref="ArgumentException">The server has no such service.</exception>
    public void Set(string service, bool isServing)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (!_serving.ContainsKey(service))
                throw new ArgumentException($"the server has no service '{service}'");
            _serving[service] = isServing;
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    /// <summary>Declares the whole server and each of its services ready or not.</summary>
    public void SetAll(bool isServing)
    {
        List<string> names;
        lock (_lock)
            names = [.. _serving.Keys];
        foreach (var name in names)
            Set(name, isServing);
    }

    internal RpcService CreateService()
    {
        var service = new RpcService(HealthReflection.Descriptor.Services[0]);
        service.Unary<HealthCheckRequest, HealthCheckResponse>(nameof(Check), (request, _, _) => Task.FromResult(Check(request)));
        service.Unary<HealthListRequest, HealthListResponse>(nameof(List), (_, _, _) => Task.FromResult(List()));
        service.ServerStream<HealthCheckRequest, HealthCheckResponse>(nameof(Watch), (request, _, token) => Watch(request, token));
        service.ExemptUnaryFromLimits();
        return service;
    }

    private HealthCheckResponse Check(HealthCheckRequest request)
    {
        var (status, _) = Read(request.Service);
        return status == ServingStatus.ServiceUnknown
            ? throw new RpcException(RpcStatus.NotFound, $"there is no service '{request.Service}'")
            : new HealthCheckResponse { Status = status };
    }

    private HealthListResponse List()
    {
        var response = new HealthListResponse();
        lock (_lock)
        {
            foreach (var (name, isServing) in _serving)
                response.Statuses[name] = new HealthCheckResponse { Status = StatusOf(isServing) };
        }

        return response;
    }

    private async IAsyncEnumerable<HealthCheckResponse> Watch(
        HealthCheckRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServingStatus? last = null;
        while (true)
        {
            var (status, changed) = Read(request.Service);
            if (status != last)
                yield return new HealthCheckResponse { Status = status };
            last = status;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private (ServingStatus Status, Task Changed) Read(string service)
    {
        lock (_lock)
            return (_serving.TryGetValue(service, out var isServing) ? StatusOf(isServing) : ServingStatus.ServiceUnknown, _changed.Task);
    }

    private static ServingStatus StatusOf(bool isServing) => isServing ? ServingStatus.Serving : ServingStatus.NotServing;
}
