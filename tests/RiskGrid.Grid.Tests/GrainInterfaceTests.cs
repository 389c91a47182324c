using Google.Protobuf.WellKnownTypes;

namespace RiskGrid.Grid.Tests;

public sealed class GrainInterfaceTests
{
    [Theory]
    [InlineData(typeof(INoKind), "has no [GrainKind]")]
    [InlineData(typeof(IBadKind), "a kind is lower-case letters only")]
    [InlineData(typeof(IOverloads), "has two methods 'Go'")]
    [InlineData(typeof(ITwoMessages), "takes one protobuf message or nothing")]
    [InlineData(typeof(IPlainRequest), "takes one protobuf message or nothing")]
    [InlineData(typeof(IPlainReply), "its reply String is no protobuf message")]
    [InlineData(typeof(IBlocking), "returns Task or Task<protobuf message>")]
    [InlineData(typeof(IProperty), "only plain methods")]
    [InlineData(typeof(IOneWayReply), "a [OneWay] method returns Task")]
    public void An_interface_that_cannot_cross_a_wire_is_refused_with_the_reason(System.Type type, string reason)
    {
        var get = typeof(IGrains).GetMethod(nameof(IGrains.Get))!.MakeGenericMethod(type);
        var grains = new SiloBuilder().Build().Grains;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => get.Invoke(grains, ["key"])).InnerException;
            Assert.Contains(reason, Assert.IsType<ArgumentException>(thrown).Message);
            Assert.Contains(type.Name, thrown.Message);
        }
    }

    [Fact]
    public async Task Methods_of_a_base_interface_are_part_of_every_kind_that_inherits_them()
    {
        await using var silo = await new SiloBuilder().AddGrain<ILeaf>(() => new Leaf()).StartAsync();
        Assert.Equal("leaf", (await silo.Grains.Get<ILeaf>("x").Name().Within()).Value);
    }

    [Fact]
    public void A_kind_is_hosted_once()
    {
        var builder = new SiloBuilder().AddGrain<ILeaf>(() => new Leaf());
        Assert.Contains("hosted already", Assert.Throws<ArgumentException>(() => builder.AddGrain<ILeaf>(() => new Leaf())).Message);
    }

    [Fact]
    public async Task A_null_request_is_the_callers_fault()
    {
        await using var silo = await TestSilo.StartAsync();
        await Assert.ThrowsAsync<ArgumentNullException>(() => silo.Grain().Ask(null!));
    }

    public interface INoKind : IGrain;

    [GrainKind("Book1")]
    public interface IBadKind : IGrain;

    [GrainKind("overloads")]
    public interface IOverloads : IGrain
    {
        Task Go();

        Task Go(StringValue value);
    }

    [GrainKind("two")]
    public interface ITwoMessages : IGrain
    {
        Task Go(StringValue one, StringValue two);
    }

    [GrainKind("plain")]
    public interface IPlainRequest : IGrain
    {
        Task Go(string request);
    }

    [GrainKind("plain")]
    public interface IPlainReply : IGrain
    {
        Task<string> Go();
    }

    [GrainKind("blocking")]
    public interface IBlocking : IGrain
    {
        StringValue Go();
    }

    [GrainKind("property")]
    public interface IProperty : IGrain
    {
        Task Value { get; }
    }

    [GrainKind("oneway")]
    public interface IOneWayReply : IGrain
    {
        [OneWay]
        Task<StringValue> Go();
    }

    public interface INamed : IGrain
    {
        Task<StringValue> Name();
    }

    [GrainKind("leaf")]
    public interface ILeaf : INamed;

    private sealed class Leaf : Grain, ILeaf
    {
        public Task<StringValue> Name() => Task.FromResult(new StringValue { Value = "leaf" });
    }
}
