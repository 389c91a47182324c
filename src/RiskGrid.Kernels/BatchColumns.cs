namespace RiskGrid.Kernels;

/// <summary>A <see cref="SpotBatch"/> in memory that threads can share.</summary>
public sealed record SpotColumns
{
    /// <inheritdoc cref="SpotBatch.Side"/>
    public required ReadOnlyMemory<OptionSide> Side { get; init; }

    /// <inheritdoc cref="SpotBatch.Spot"/>
    public required ReadOnlyMemory<double> Spot { get; init; }

    /// <inheritdoc cref="SpotBatch.Strike"/>
    public required ReadOnlyMemory<double> Strike { get; init; }

    /// <inheritdoc cref="SpotBatch.Time"/>
    public required ReadOnlyMemory<double> Time { get; init; }

    /// <inheritdoc cref="SpotBatch.Volatility"/>
    public required ReadOnlyMemory<double> Volatility { get; init; }

    /// <inheritdoc cref="SpotBatch.Rate"/>
    public required ReadOnlyMemory<double> Rate { get; init; }

    /// <inheritdoc cref="SpotBatch.DividendYield"/>
    public required ReadOnlyMemory<double> DividendYield { get; init; }

    internal SpotBatch All => new()
    {
        Side = Side.Span, Spot = Spot.Span, Strike = Strike.Span, Time = Time.Span, Volatility = Volatility.Span, Rate = Rate.Span,
        DividendYield = DividendYield.Span,
    };

    internal SpotBatch Slice(int start, int length) => new()
    {
        Side = Side.Span.Slice(start, length), Spot = Spot.Span.Slice(start, length), Strike = Strike.Span.Slice(start, length),
        Time = Time.Span.Slice(start, length), Volatility = Volatility.Span.Slice(start, length),
        Rate = Rate.Span.Slice(start, length), DividendYield = DividendYield.Span.Slice(start, length),
    };
}

/// <summary>A <see cref="ForwardBatch"/> in memory that threads can share.</summary>
public sealed record ForwardColumns
{
    /// <inheritdoc cref="ForwardBatch.Side"/>
    public required ReadOnlyMemory<OptionSide> Side { get; init; }

    /// <inheritdoc cref="ForwardBatch.Forward"/>
    public required ReadOnlyMemory<double> Forward { get; init; }

    /// <inheritdoc cref="ForwardBatch.Strike"/>
    public required ReadOnlyMemory<double> Strike { get; init; }

    /// <inheritdoc cref="ForwardBatch.Time"/>
    public required ReadOnlyMemory<double> Time { get; init; }

    /// <inheritdoc cref="ForwardBatch.Volatility"/>
    public ReadOnlyMemory<double> Volatility { get; init; }

    /// <inheritdoc cref="ForwardBatch.Discount"/>
    public required ReadOnlyMemory<double> Discount { get; init; }

    internal ForwardBatch All => new()
    {
        Side = Side.Span, Forward = Forward.Span, Strike = Strike.Span, Time = Time.Span, Volatility = Volatility.Span,
        Discount = Discount.Span,
    };

    internal ForwardBatch Slice(int start, int length) => new()
    {
        Side = Side.Span.Slice(start, length), Forward = Forward.Span.Slice(start, length),
        Strike = Strike.Span.Slice(start, length), Time = Time.Span.Slice(start, length),
        Volatility = Volatility.IsEmpty ? default : Volatility.Span.Slice(start, length),
        Discount = Discount.Span.Slice(start, length),
    };
}

/// <summary><see cref="GreeksBuffers"/> in memory that threads can share. Each is of the batch's length, or empty if not wanted.</summary>
public sealed record GreeksColumns
{
    /// <inheritdoc cref="GreeksBuffers.Price"/>
    public Memory<double> Price { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Delta"/>
    public Memory<double> Delta { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Gamma"/>
    public Memory<double> Gamma { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Vega"/>
    public Memory<double> Vega { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Theta"/>
    public Memory<double> Theta { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Rho"/>
    public Memory<double> Rho { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Vanna"/>
    public Memory<double> Vanna { get; init; }

    /// <inheritdoc cref="GreeksBuffers.Volga"/>
    public Memory<double> Volga { get; init; }

    internal GreeksBuffers All => new()
    {
        Price = Price.Span, Delta = Delta.Span, Gamma = Gamma.Span, Vega = Vega.Span, Theta = Theta.Span, Rho = Rho.Span,
        Vanna = Vanna.Span, Volga = Volga.Span,
    };

    internal GreeksBuffers Slice(int start, int length)
    {
        return new GreeksBuffers
        {
            Price = Part(Price), Delta = Part(Delta), Gamma = Part(Gamma), Vega = Part(Vega), Theta = Part(Theta), Rho = Part(Rho),
            Vanna = Part(Vanna), Volga = Part(Volga),
        };

        Span<double> Part(Memory<double> column) => column.IsEmpty ? default : column.Span.Slice(start, length);
    }
}
