using RiskGrid.Model;

namespace RiskGrid.Pricing.Chains;

/// <summary>Where the needed columns of a chain file are, by position.</summary>
internal sealed record ChainColumns(
    int Contract, int LastTrade, int Strike, int Bid, int Ask, int OpenInterest, int Size, int Currency, int Type, int Expiration)
{
    public const string ContractName = "contractSymbol";
    public const string LastTradeName = "lastTradeDate";
    public const string StrikeName = "strike";
    public const string BidName = "bid";
    public const string AskName = "ask";
    public const string OpenInterestName = "openInterest";
    public const string SizeName = "contractSize";
    public const string CurrencyName = "currency";
    public const string TypeName = "option_type";
    public const string ExpirationName = "expiration";

    public static ChainColumns Find(string[] header, string sourceName)
    {
        int At(string name)
        {
            var at = Array.IndexOf(header, name);
            return at >= 0 ? at : throw new ValidationException("header", $"{sourceName} has no column '{name}'");
        }

        return new ChainColumns(
            At(ContractName), At(LastTradeName), At(StrikeName), At(BidName), At(AskName), At(OpenInterestName), At(SizeName),
            At(CurrencyName), At(TypeName), At(ExpirationName));
    }
}
