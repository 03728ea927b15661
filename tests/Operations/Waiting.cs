// More of them at once than there are cores: each of these tests waits, for a server to start or to stop, longer than it computes.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
