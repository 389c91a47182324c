namespace RiskGrid.Grid;

/// <summary>Decisions from a seed: SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
/// p. 459).</summary>
internal struct Dice(ulong seed, ulong lane, ulong number)
{
    private ulong _state = Mix(Mix(seed ^ Mix(lane + 1)) + number);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public int UpTo(int inclusive) => (int)(Next() % (ulong)(inclusive + 1));

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
