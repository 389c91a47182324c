using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RiskGrid.Tests.Runs;

/// <summary>Messages with something in every field.</summary>
internal static class Fill
{
    /// <summary>Visits a filled message of this type and of every type below it.</summary>
    public static void All(MessageDescriptor type, Action<IMessage> visit, HashSet<string> seen)
    {
        if (!seen.Add(type.FullName))
            return;
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Message && !field.IsMap)
                All(field.MessageType, visit, seen);
            var message = type.Parser.ParseFrom(ByteString.Empty);
            if (field.IsMap)
                ((System.Collections.IDictionary)field.Accessor.GetValue(message)).Add("key", 5L);
            else if (field.IsRepeated)
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(Value(field));
            else
                field.Accessor.SetValue(message, Value(field));
            visit(message);
        }
    }

    private static object Value(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Double => 0.5,
        FieldType.Bool => true,
        FieldType.String => "text",
        FieldType.Bytes => ByteString.CopyFrom(1, 2),
        FieldType.Int32 => 5,
        FieldType.UInt32 => 5u,
        FieldType.Int64 => 5L,
        FieldType.UInt64 => 5ul,
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, 1),
        FieldType.Message => field.MessageType.Parser.ParseFrom(ByteString.Empty),
        _ => throw new InvalidOperationException($"{field.FullName} has a type that no message of a run has: {field.FieldType}"),
    };
}
