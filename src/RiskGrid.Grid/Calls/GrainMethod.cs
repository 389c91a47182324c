using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid;

/// <summary>One method of a grain interface: its address, its messages, and the delegate that calls it. Built once per
/// interface.</summary>
public abstract class GrainMethod
{
    /// <summary>The request of a method without a request, the reply of one without a reply. Shared: never mutate it.</summary>
    internal static readonly IMessage Nothing = new Empty();

    private protected GrainMethod(string kind, string name, bool isOneWay, MessageParser requestParser, MessageParser replyParser)
    {
        Kind = kind;
        Name = name;
        IsOneWay = isOneWay;
        RequestParser = requestParser;
        ReplyParser = replyParser;
    }

    /// <summary>The grain's kind.</summary>
    public string Kind { get; }

    /// <summary>The method's name, unique within the kind.</summary>
    public string Name { get; }

    /// <summary>Nothing comes back.</summary>
    public bool IsOneWay { get; }

    /// <summary>The turn ends when the method returns its task; the reply follows when that task ends.</summary>
    public bool IsDeferred { get; internal set; }

    /// <summary>Reads a request; a method without one reads <see cref="Empty"/>.</summary>
    public MessageParser RequestParser { get; }

    /// <summary>Reads a reply; a method without one reads <see cref="Empty"/>.</summary>
    public MessageParser ReplyParser { get; }

    /// <summary><c>book.Apply</c>.</summary>
    public override string ToString() => $"{Kind}.{Name}";

    /// <summary>The arguments of a proxy's call as a request and a token.</summary>
    internal abstract Task Send(CallOrigin origin, string key, object?[] arguments);

    internal abstract Task Invoke(Grain? grain, IMessage request, CancellationToken cancellationToken);

    /// <summary>The reply of a task that ran to completion; null when the grain returned null.</summary>
    internal abstract IMessage? ReplyOf(Task completed);
}

/// <summary>The typed half: <typeparamref name="TRequest"/> and <typeparamref name="TReply"/> are <see cref="Empty"/> where there
/// is none.</summary>
internal sealed class GrainMethod<TGrain, TRequest, TReply>(
    string kind, string name, bool isOneWay, int requestAt, int tokenAt, bool hasReply, Delegate open)
    : GrainMethod(kind, name, isOneWay, new MessageParser<TRequest>(() => new TRequest()), new MessageParser<TReply>(() => new TReply()))
    where TGrain : class
    where TRequest : class, IMessage<TRequest>, new()
    where TReply : class, IMessage<TReply>, new()
{
    private readonly Func<TGrain, TRequest, CancellationToken, Task> _invoke = (requestAt, tokenAt) switch
    {
        (< 0, < 0) => Adapt((Func<TGrain, Task>)open),
        (< 0, _) => Adapt((Func<TGrain, CancellationToken, Task>)open),
        (_, < 0) => Adapt((Func<TGrain, TRequest, Task>)open),
        _ => (Func<TGrain, TRequest, CancellationToken, Task>)open,
    };

    internal override Task Send(CallOrigin origin, string key, object?[] arguments)
    {
        IMessage request;
        if (requestAt < 0)
            request = Nothing;
        else
            request = (IMessage?)arguments[requestAt] ?? throw new ArgumentNullException(Name, $"{this} takes a message, not null.");
        var token = tokenAt < 0 ? default : (CancellationToken)arguments[tokenAt]!;
        return IsOneWay
            ? origin.Send(new LocalOneWayCall(this, key, request, origin))
            : origin.Request(new LocalCall<TReply>(this, key, request, origin, token));
    }

    internal override Task Invoke(Grain? grain, IMessage request, CancellationToken cancellationToken) =>
        _invoke((TGrain)(object)grain!, (TRequest)request, cancellationToken)
        ?? throw new InvalidOperationException($"{this} returned null instead of a task.");

    internal override IMessage? ReplyOf(Task completed) => hasReply ? ((Task<TReply>)completed).Result : Nothing;

    private static Func<TGrain, TRequest, CancellationToken, Task> Adapt(Func<TGrain, Task> open) => (grain, _, _) => open(grain);

    private static Func<TGrain, TRequest, CancellationToken, Task> Adapt(Func<TGrain, CancellationToken, Task> open) =>
        (grain, _, token) => open(grain, token);

    private static Func<TGrain, TRequest, CancellationToken, Task> Adapt(Func<TGrain, TRequest, Task> open) =>
        (grain, request, _) => open(grain, request);
}
