namespace RiskGrid.Grid;

/// <summary>First in, first out, linked through the turns. Not thread-safe: the mailbox's lock guards it.</summary>
internal struct TurnQueue
{
    private Turn? _head;
    private Turn? _tail;

    public readonly bool IsEmpty => _head is null;

    public void Enqueue(Turn turn)
    {
        if (_tail is null)
            _head = turn;
        else
            _tail.Next = turn;
        _tail = turn;
    }

    public readonly Turn? Peek() => _head;

    public Turn? Dequeue()
    {
        var turn = _head;
        if (turn is null)
            return null;
        _head = turn.Next;
        if (_head is null)
            _tail = null;
        turn.Next = null;
        return turn;
    }
}
