using System.Reflection;

namespace RiskGrid.Tests;

/// <summary>Rules of the whole house.</summary>
public sealed class ConsistencyTests
{
    private static readonly string[] Order =
    [
        "RiskGrid.Model", "RiskGrid.Kernels", "RiskGrid.Compute", "RiskGrid.Pricing", "RiskGrid.Risk", "RiskGrid.Protocol", "RiskGrid.Grid",
        "RiskGrid.Ledger", "RiskGrid.Grains", "RiskGrid.Gateway", "RiskGrid.Client", "riskgrid",
    ];

    public static TheoryData<string> Projects => [.. Order];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_reference_goes_only_upwards_in_the_order_of_the_projects(string project)
    {
        var place = Array.IndexOf(Order, project);
        foreach (var reference in Assembly.Load(project).GetReferencedAssemblies().Select(r => r.Name!).Where(n => n.StartsWith("RiskGrid", StringComparison.OrdinalIgnoreCase)))
            Assert.True(Array.IndexOf(Order, reference) < place, $"{project} refers to {reference}, which stands below it");
    }

    [Theory]
    [InlineData("RiskGrid.Grid", "RiskGrid.Model")]
    [InlineData("RiskGrid.Client", "RiskGrid.Grains")]
    [InlineData("RiskGrid.Client", "RiskGrid.Gateway")]
    [InlineData("RiskGrid.Risk", "Google.Protobuf")]
    [InlineData("RiskGrid.Pricing", "Google.Protobuf")]
    [InlineData("RiskGrid.Model", "Google.Protobuf")]
    public void What_must_not_know_of_each_other_does_not(string project, string stranger) =>
        Assert.DoesNotContain(stranger, Assembly.Load(project).GetReferencedAssemblies().Select(r => r.Name));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_public_class_is_sealed_abstract_or_static(string project)
    {
        var open = Types(project).Where(t => t.IsClass && !t.IsSealed && !t.IsAbstract && !HasHeirs(t)).Select(t => t.FullName);
        Assert.Empty(open);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_public_field_can_be_changed(string project)
    {
        var mutable = Types(project)
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(f => !f.IsInitOnly && !f.IsLiteral)
            .Select(f => $"{f.DeclaringType!.FullName}.{f.Name}");
        Assert.Empty(mutable);
    }

    // A class that another public class of the house derives from is open on purpose.
    private static bool HasHeirs(Type type) => Order.SelectMany(p => Assembly.Load(p).GetExportedTypes()).Any(t => t.BaseType == type);

    // Generated messages follow their generator's rules.
    private static IEnumerable<Type> Types(string project) =>
        Assembly.Load(project).GetExportedTypes().Where(t => !t.IsEnum && !typeof(Google.Protobuf.IMessage).IsAssignableFrom(t) && t.Namespace is { } space && space.StartsWith("RiskGrid", StringComparison.Ordinal));
}
