using RiskGrid.Ledger.Tests.Contract;

namespace RiskGrid.Ledger.Tests.Postgres;

public sealed class PostgresLedgerContractTests : LedgerContractTests<PostgresStore>;
