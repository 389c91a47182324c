using System.Globalization;
using Xunit.Abstractions;

namespace RiskGrid.Grid.RabbitMq.Tests;

/// <summary>One lane, its queue and two silos, without a broker: whatever happens in whatever order, what runs first was sent first.</summary>
/// <remarks><c>RISKGRID_LANES=200000</c> makes so many worlds.</remarks>
public sealed class LaneModelTests(ITestOutputHelper output)
{
    private const int Seed = 20261128;
    private static readonly int Worlds = int.Parse(Environment.GetEnvironmentVariable("RISKGRID_LANES") ?? "2000", CultureInfo.InvariantCulture);
    private const int Steps = 1500;

    [Fact]
    public void First_runs_keep_their_order_whatever_happens()
    {
        output.WriteLine($"seed {Seed}, {Worlds} worlds of {Steps} steps");
        var (runs, straight, barriers) = (0, 0, 0);
        for (var i = 0; i < Worlds; i++)
        {
            var world = new World(new Random(Seed + i));
            for (var step = 0; step < Steps; step++)
                world.Step();
            Assert.True(world.Overtaken is null, $"world {i}: {world.Overtaken}");
            (runs, straight, barriers) = (runs + world.Runs, straight + world.Straight, barriers + world.Barriers);
        }

        output.WriteLine($"{runs} runs, {straight} calls sent straight, {barriers} barriers");
        Assert.True(straight > runs / 20 && barriers > Worlds, "both ways were taken");
    }

    private sealed class World
    {
        private const int Grains = 2;
        private const int Limit = 12;
        private readonly Random _random;
        private readonly Clock _clock = new();
        private readonly OwnerSlot _slot = new();
        private readonly Lane _lane;
        private readonly Dictionary<string, Parcel> _unanswered = [];
        private readonly List<(Parcel[] Batch, bool IsRefused)> _unconfirmed = [];
        private readonly List<Parcel[]> _queue = [];
        private readonly Silo[] _silos = [new("a"), new("b")];
        private readonly List<Tenure> _announced = [];
        private readonly int[] _lastRun = [-1, -1];
        private readonly int[] _weights;
        private readonly bool _tells;
        private readonly HashSet<string> _ran = [];
        private Tenure _owner;
        private int _calls;

        public World(Random random)
        {
            _random = random;
            _tells = random.Next(2) == 0;
            // In one world much is given up, in another nothing but calls moves.
            _weights = [.. ((int[])[18, 18, 10, 12, 14, 8, 10, 4, 2, 1, 1, 2]).Select(weight => weight * random.Next(1, 7))];
            _lane = new Lane(
                "queue", MessageType.Calls, _slot, "scripted", 0, new RabbitMqOptions { Address = new Uri("amqp://127.0.0.1/"), UnansweredPerPartition = 50 });
            _owner = new Tenure(_silos[0]);
        }

        public string? Overtaken { get; private set; }

        public int Runs { get; private set; }

        public int Straight { get; private set; }

        public int Barriers { get; private set; }

        public void Step()
        {
            var chosen = _random.Next(_weights.Sum());
            var what = 0;
            while (chosen >= _weights[what])
                chosen -= _weights[what++];
            switch (what)
            {
                case 0 when _lane.WaitingCount < Limit:
                    _lane.Add(new Letter(_calls++, _random.Next(Grains), isOneWay: _tells && _random.Next(4) == 0) { Lane = _lane });
                    break;
                case 1:
                    Send();
                    break;
                case 2:
                    Confirm();
                    break;
                case 3:
                    Deliver();
                    break;
                case 4:
                    Run();
                    break;
                case 5:
                    Arrive(_silos[_random.Next(2)]);
                    break;
                case 6:
                    Hear(_silos[_random.Next(2)]);
                    break;
                case 7:
                    // Of any owner that there ever was, if only it has said so.
                    _slot.Owner = _announced.Count == 0 || _random.Next(8) == 0 ? null
                        : _random.Next(8) > 0 ? _announced[^1].Route : _announced[_random.Next(_announced.Count)].Route;
                    break;
                case 8:
                    Leave();
                    break;
                case 9:
                    GiveUp();
                    break;
                case 10 when _random.Next(4) == 0:
                    Kill(_silos[_random.Next(2)]);
                    break;
                default:
                    _clock.Now += _random.Next(40);
                    _lane.EndHold(_clock);
                    break;
            }
        }

        private void Send()
        {
            if (_lane.NeedsBarrier(_clock))
            {
                var barrier = new Barrier($"barrier{Barriers++}");
                _lane.Hold(barrier, _clock);
                Publish([barrier]);
                return;
            }

            if (!_lane.CanSend)
                return;
            var way = _lane.Way;
            var batch = new List<Parcel>();
            _lane.Take(batch, _random.Next(1, 4), int.MaxValue, []);
            if (batch.Count == 0)
                return;
            if (way is null)
            {
                Publish([.. batch]);
                return;
            }

            Straight += batch.Count;
            foreach (var parcel in batch)
                _unanswered[parcel.Id] = parcel;
            // An inbox that is gone drops it.
            _silos.SingleOrDefault(s => s.Peer == way.Peer)?.Inbox.Enqueue((way, batch));
        }

        private void Publish(Parcel[] batch)
        {
            var isRefused = _random.Next(6) == 0;
            foreach (var parcel in batch.Where(p => !p.IsOneWay))
                _unanswered[parcel.Id] = parcel;
            _lane.Unconfirmed++;
            _unconfirmed.Add((batch, isRefused));
            if (!isRefused)
                _queue.Add(batch);
        }

        private void Confirm()
        {
            if (_unconfirmed.Count == 0)
                return;
            var (batch, isRefused) = _unconfirmed[0];
            _unconfirmed.RemoveAt(0);
            _lane.Unconfirmed--;
            foreach (var parcel in batch)
            {
                if (isRefused || parcel.IsOneWay)
                    _unanswered.Remove(parcel.Id);
                if (isRefused)
                    _lane.Answer(parcel, replied: false, _clock);
            }
        }

        private void Deliver()
        {
            if (_queue.Count == 0)
                return;
            var batch = _queue[0];
            _queue.RemoveAt(0);
            if (batch[0] is Barrier && !_owner.IsStopped)
                _owner.Silo.Replies.Enqueue((batch[0].Id, null));
            else
                _owner.Unacknowledged.Add(batch);
            if (_owner.IsStopped)
                return;
            foreach (var letter in batch.OfType<Letter>())
                _owner.Mailboxes[letter.Grain].Add((letter, false));
            if (!_announced.Contains(_owner))
                _announced.Add(_owner);
        }

        private void Run()
        {
            var mailbox = _owner.Mailboxes[_random.Next(Grains)];
            if (mailbox.Count == 0)
                return;
            var (letter, isStraight) = mailbox[0];
            mailbox.RemoveAt(0);
            Runs++;
            if (_ran.Add(letter.Id))
            {
                if (letter.Call < _lastRun[letter.Grain])
                    Overtaken ??= $"call {letter.Call} ran after call {_lastRun[letter.Grain]}";
                _lastRun[letter.Grain] = letter.Call;
            }

            if (isStraight || !letter.IsOneWay)
                _owner.Silo.Replies.Enqueue((letter.Id, null));
            if (isStraight)
                return;
            _owner.Done.Add(letter.Id);
            _owner.Unacknowledged.RemoveAll(batch => batch.All(p => _owner.Done.Contains(p.Id)));
        }

        private void Arrive(Silo silo)
        {
            if (!silo.Inbox.TryDequeue(out var message))
                return;
            var isTaken = _owner.Route == message.Way && !_owner.IsStopped && _announced.Contains(_owner);
            if (!isTaken)
                silo.Replies.Enqueue((null, [.. message.Batch.Select(p => p.Id)]));
            foreach (var letter in message.Batch.Cast<Letter>().Where(_ => isTaken))
                _owner.Mailboxes[letter.Grain].Add((letter, true));
        }

        private void Hear(Silo silo)
        {
            if (!silo.Replies.TryDequeue(out var heard))
                return;
            if (heard.Reply is { } id && _unanswered.Remove(id, out var answered))
                _lane.Answer(answered, replied: true, _clock);
            foreach (var returned in heard.Returned ?? [])
            {
                if (_unanswered.TryGetValue(returned, out var parcel))
                    _lane.Return(parcel);
            }

            _lane.Recall();
        }

        // In two steps: it takes nothing more and sends back what came straight; then its channel closes.
        private void Leave()
        {
            if (!_owner.IsStopped)
            {
                _owner.IsStopped = true;
                foreach (var mailbox in _owner.Mailboxes)
                {
                    foreach (var (letter, _) in mailbox.Where(m => m.IsStraight))
                        _owner.Silo.Replies.Enqueue((null, [letter.Id]));
                    mailbox.Clear();
                }

                return;
            }

            _queue.InsertRange(0, _owner.Unacknowledged);
            _owner = new Tenure(_silos[_random.Next(2)]);
        }

        // Found out only after a while: what went straight has arrived then.
        private void GiveUp()
        {
            var open = _unanswered.Values.OfType<Letter>().Where(l => !l.IsOneWay && !_silos.Any(s => s.Inbox.Any(m => m.Batch.Contains(l)))).ToList();
            if (open.Count == 0)
                return;
            var letter = open[_random.Next(open.Count)];
            letter.GiveUp();
            _unanswered.Remove(letter.Id);
            _lane.Answer(letter, replied: false, _clock);
        }

        // What it said last is heard before it is found gone; another one starts in its place.
        private void Kill(Silo silo)
        {
            var index = Array.IndexOf(_silos, silo);
            silo.Peer.IsGone = true;
            while (silo.Replies.Count > 0)
                Hear(silo);
            _announced.RemoveAll(t => t.Silo == silo);
            if (_slot.Owner?.Peer == silo.Peer)
                _slot.Owner = null;
            _silos[index] = new Silo($"{silo.Peer.Incarnation}'");
            _lane.Lose(silo.Peer);
            if (_owner.Silo != silo)
                return;
            _queue.InsertRange(0, _owner.Unacknowledged);
            _owner = new Tenure(_silos[_random.Next(2)]);
        }
    }

    private sealed class Silo(string incarnation)
    {
        public Peer Peer { get; } = new(incarnation, $"inbox.{incarnation}");

        public Queue<(Route Way, List<Parcel> Batch)> Inbox { get; } = new();

        public Queue<(string? Reply, List<string>? Returned)> Replies { get; } = new();
    }

    /// <summary>A silo's turn at the partition.</summary>
    private sealed class Tenure(Silo silo)
    {
        private static uint _leases;

        public Silo Silo => silo;

        public Route Route { get; } = new(silo.Peer, Interlocked.Increment(ref _leases));

        public bool IsStopped { get; set; }

        public List<(Letter Letter, bool IsStraight)>[] Mailboxes { get; } = [[], []];

        public List<Parcel[]> Unacknowledged { get; } = [];

        public HashSet<string> Done { get; } = [];
    }

    private sealed class Letter(int call, int grain, bool isOneWay) : Parcel($"{call}", 1)
    {
        private bool _isGivenUp;

        public int Call => call;

        public int Grain => grain;

        public override bool IsOneWay => isOneWay;

        public override bool IsSettled => _isGivenUp;

        public void GiveUp() => _isGivenUp = true;

        public override void Settle(Protocol.Grid.Reply reply)
        {
        }

        public override void Fail(GridException error)
        {
        }

        public override GridException NotHosted() => throw new NotSupportedException();
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }
}
