using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Reflection.V1;
using RiskGrid.Protocol.Rpc;
using Alpha = Grpc.Reflection.V1Alpha;

namespace RiskGrid.Gateway.Rpc;

/// <summary>Server reflection: tools such as grpcurl and buf learn the services from the server itself.</summary>
/// <remarks>Source: the gRPC project's doc/server-reflection.md.</remarks>
internal sealed class ReflectionService
{
    private readonly List<string> _services;
    private readonly Dictionary<string, FileDescriptor> _files = [];
    private readonly Dictionary<string, FileDescriptor> _symbols = [];
    private readonly Dictionary<string, ByteString> _serialized = [];

    private ReflectionService(IReadOnlyList<ServiceDescriptor> services)
    {
        _services = [.. services.Select(service => service.FullName).Order(StringComparer.Ordinal)];
        foreach (var service in services)
            AddFile(service.File);
    }

    /// <summary>Reflection of <paramref name="services"/> and of itself, in the current version and in the one older tools ask for.</summary>
    public static IReadOnlyList<RpcService> Create(IEnumerable<RpcService> services)
    {
        var current = new RpcService(ReflectionReflection.Descriptor.Services[0]);
        var alpha = new RpcService(Alpha.ReflectionReflection.Descriptor.Services[0]);
        var reflection = new ReflectionService([.. services.Append(current).Append(alpha).Select(service => service.Descriptor)]);
        current.Duplex<ServerReflectionRequest, ServerReflectionResponse>(
            "ServerReflectionInfo", (requests, _, token) => reflection.AnswerAll(requests, token));
        alpha.Duplex<Alpha.ServerReflectionRequest, Alpha.ServerReflectionResponse>(
            "ServerReflectionInfo", (requests, _, token) => reflection.AnswerAll(requests, token));
        return [current, alpha];
    }

    private async IAsyncEnumerable<ServerReflectionResponse> AnswerAll(
        IAsyncEnumerable<ServerReflectionRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return Answer(request);
    }

    // The two versions differ in their package only, so their messages have the same bytes.
    private async IAsyncEnumerable<Alpha.ServerReflectionResponse> AnswerAll(
        IAsyncEnumerable<Alpha.ServerReflectionRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var answer = Answer(ServerReflectionRequest.Parser.ParseFrom(request.ToByteString()));
            yield return Alpha.ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString());
        }
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse
                {
                    Service = { _services.Select(name => new ServiceResponse { Name = name }) },
                };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AnswerFile(response, _files, request.FileByFilename, "file");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFile(response, _symbols, request.FileContainingSymbol.TrimStart('.'), "symbol");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType
                when _symbols.ContainsKey(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.None:
                response.ErrorResponse = ErrorOf(RpcStatus.InvalidArgument, "the request asks for nothing");
                break;
            default:
                response.ErrorResponse = ErrorOf(RpcStatus.NotFound, "there are no extensions here");
                break;
        }

        return response;
    }

    private void AnswerFile(
        ServerReflectionResponse response, Dictionary<string, FileDescriptor> index, string name, string what)
    {
        if (!index.TryGetValue(name, out var file))
        {
            response.ErrorResponse = ErrorOf(RpcStatus.NotFound, $"there is no {what} '{name}'");
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        AddWithImports(file);

        void AddWithImports(FileDescriptor each)
        {
            if (!seen.Add(each.Name))
                return;
            response.FileDescriptorResponse.FileDescriptorProto.Add(_serialized[each.Name]);
            foreach (var import in each.Dependencies)
                AddWithImports(import);
        }
    }

    private static ErrorResponse ErrorOf(RpcStatus status, string message) => new() { ErrorCode = (int)status, ErrorMessage = message };

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
            return;
        _serialized[file.Name] = Serialize(file);
        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (var method in service.Methods)
                _symbols[method.FullName] = file;
        }

        foreach (var type in file.MessageTypes)
            AddMessage(type);
        foreach (var type in file.EnumTypes)
            _symbols[type.FullName] = file;
        foreach (var import in file.Dependencies)
            AddFile(import);
    }

    // The descriptors in generated code leave out the JSON names, which clients that build their messages from reflection rely on.
    private static ByteString Serialize(FileDescriptor file)
    {
        var proto = file.ToProto();
        for (var index = 0; index < file.MessageTypes.Count; index++)
            NameForJson(file.MessageTypes[index], proto.MessageType[index]);
        return proto.ToByteString();
    }

    private static void NameForJson(MessageDescriptor type, DescriptorProto proto)
    {
        foreach (var field in proto.Field)
            field.JsonName = type.FindFieldByNumber(field.Number).JsonName;
        for (var index = 0; index < proto.NestedType.Count; index++)
            NameForJson(type.NestedTypes[index], proto.NestedType[index]);
    }

    private void AddMessage(MessageDescriptor type)
    {
        _symbols[type.FullName] = type.File;
        foreach (var nested in type.NestedTypes)
            AddMessage(nested);
        foreach (var nested in type.EnumTypes)
            _symbols[nested.FullName] = type.File;
        foreach (var field in type.Fields.InDeclarationOrder())
            _symbols[field.FullName] = type.File;
    }
}
