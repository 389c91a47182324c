// Every test here runs many whole processes, and some restart the servers that all of them share.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
