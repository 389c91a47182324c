using RiskGrid.Ledger.Tests.Contract;

namespace RiskGrid.Ledger.Tests.Sqlite;

public sealed class SqliteLedgerContractTests : LedgerContractTests<SqliteStore>;
