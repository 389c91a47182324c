using RiskGrid.Cli;

return await CommandLine.RunAsync(args);
