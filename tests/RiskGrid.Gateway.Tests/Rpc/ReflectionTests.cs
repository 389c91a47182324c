using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Reflection.V1;
using RiskGrid.Client.Rpc;
using RiskGrid.Protocol.Rpc;
using Alpha = Grpc.Reflection.V1Alpha;

namespace RiskGrid.Gateway.Tests.Rpc;

public sealed class ReflectionTests
{
    private static readonly RpcMethod<ServerReflectionRequest, ServerReflectionResponse> Info =
        new(ReflectionReflection.Descriptor.Services[0], "ServerReflectionInfo");

    private static readonly RpcMethod<Alpha.ServerReflectionRequest, Alpha.ServerReflectionResponse> AlphaInfo =
        new(Alpha.ReflectionReflection.Descriptor.Services[0], "ServerReflectionInfo");

    [Fact]
    public async Task All_services_are_listed_in_both_versions()
    {
        await using var host = await EchoHost.StartAsync();
        string[] expected =
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "riskgrid.test.Echo"];
        var answer = (await AskAsync(host, new ServerReflectionRequest { ListServices = "*" }))[0];
        Assert.Equal(expected, answer.ListServicesResponse.Service.Select(service => service.Name));

        var alpha = await host.Channel.DuplexAsync(AlphaInfo, Send(new Alpha.ServerReflectionRequest { ListServices = "" })).ToListAsync();
        Assert.Equal(expected, alpha[0].ListServicesResponse.Service.Select(service => service.Name));
    }

    [Theory]
    [InlineData("riskgrid.test.Echo")]
    [InlineData("riskgrid.test.Echo.Say")]
    [InlineData("riskgrid.test.EchoRequest")]
    [InlineData("riskgrid.test.EchoRequest.text")]
    public async Task A_symbol_leads_to_a_complete_set_of_files(string symbol)
    {
        await using var host = await EchoHost.StartAsync();
        var answer = (await AskAsync(host, new ServerReflectionRequest { FileContainingSymbol = symbol }))[0];
        var files = answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom).ToList();
        Assert.Equal("echo.proto", files[0].Name);
        Assert.Contains(files[0].Service, service => service.Name == "Echo");
        Assert.All(files.SelectMany(file => file.MessageType).SelectMany(type => type.Field), field => Assert.NotEqual("", field.JsonName));
        Assert.All(files.SelectMany(file => file.Dependency), import => Assert.Contains(files, file => file.Name == import));
    }

    [Fact]
    public async Task One_stream_answers_many_questions_and_what_is_unknown_is_an_answer_too()
    {
        await using var host = await EchoHost.StartAsync();
        var answers = await AskAsync(
            host,
            new ServerReflectionRequest { FileByFilename = "grpc/health/v1/health.proto" },
            new ServerReflectionRequest { FileByFilename = "no.proto" },
            new ServerReflectionRequest { FileContainingSymbol = "no.Symbol" },
            new ServerReflectionRequest { AllExtensionNumbersOfType = "riskgrid.test.EchoRequest" },
            new ServerReflectionRequest());
        Assert.NotEmpty(answers[0].FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal((int)RpcStatus.NotFound, answers[1].ErrorResponse.ErrorCode);
        Assert.Equal((int)RpcStatus.NotFound, answers[2].ErrorResponse.ErrorCode);
        Assert.Empty(answers[3].AllExtensionNumbersResponse.ExtensionNumber);
        Assert.Equal((int)RpcStatus.InvalidArgument, answers[4].ErrorResponse.ErrorCode);
    }

    private static async Task<List<ServerReflectionResponse>> AskAsync(EchoHost host, params ServerReflectionRequest[] requests) =>
        await host.Channel.DuplexAsync(Info, Send(requests)).ToListAsync();

    private static async IAsyncEnumerable<T> Send<T>(params T[] requests)
        where T : IMessage
    {
        foreach (var request in requests)
        {
            await Task.Yield();
            yield return request;
        }
    }
}
