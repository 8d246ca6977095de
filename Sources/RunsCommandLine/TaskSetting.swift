public import Lockstep

/// What a program's task is made for: the ranks, and what the command line says for all programs.
public struct TaskSetting {
    /// All ranks; one alone where a network is only written to a file.
    public let world: any Communicator

    /// How the network is spread over them.
    public let placement: Placement

    /// The seed of everything random (`--seed`), for what a program draws itself: first values, dropout and the order of
    /// samples are made of it anyway.
    public let seed: UInt64

    /// The samples of a step, over all ranks together (`--batch-size`); nil if the program is to choose.
    public let batchSize: Int?

    /// The threads that make the next batch ready while a step runs (`--workers`). The samples to train on are made ready by
    /// so many in any case, unless their loader has some of its own and the command line says nothing.
    public let workers: Int

    /// Describes a setting, as for a test of one's own program.
    public init(
        world: any Communicator = SoloCommunicator(), placement: Placement = .whole, seed: UInt64 = 1,
        batchSize: Int? = nil, workers: Int = 0
    ) {
        self.world = world
        self.placement = placement
        self.seed = seed
        self.batchSize = batchSize
        self.workers = workers
    }
}
