using RiskGrid.Model;

namespace RiskGrid.Risk;

/// <summary>A set of which only some classes of factors move.</summary>
internal sealed class MaskedScenarios(ScenarioSet of, FactorClassMask classes) : ScenarioSet(SpecOf(of, classes), of.Layout)
{
    public const string Generator = "only";
    public const int Version = 1;

    public override int Count => of.Count;

    public override ReadOnlySpan<double> Weights => of.Weights;

    public override bool IsAntithetic => of.IsAntithetic;

    public override bool IsSampled => of.IsSampled;

    public override ScenarioSet Only(FactorClassMask other) => of.Only(classes & other);

    private protected override string Name(int scenario) => of.Label(scenario);

    private protected override ScenarioBlock Make(int first, int count) => of.Block(first, count).Only(classes);

    private static string SpecOf(ScenarioSet of, FactorClassMask classes)
    {
        if ((classes & FactorClassMask.All) == FactorClassMask.None)
            throw new ValidationException("classes", "at least one class of factors must move");
        return CanonicalJson.Write(json =>
        {
            json.WriteStartArray("classes");
            foreach (var name in FactorClasses.Spelled(classes))
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteString("generator", Generator);
            json.WritePropertyName("of");
            json.WriteRawValue(of.Spec, skipInputValidation: true);
            json.WriteNumber("version", Version);
        });
    }
}
