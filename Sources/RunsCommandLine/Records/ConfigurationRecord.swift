import Lockstep
import SystemPackage

/// Leaves what the options of a run came to beside its sets, so that it can be seen and made again. One that is refused, as
/// of another model than the sets, leaves nothing.
final class ConfigurationRecord: Callback {
    private let configuration: RunConfiguration?
    private let directory: FilePath

    /// Keeps a configuration, which rank 0 has.
    init(_ configuration: RunConfiguration?, in directory: FilePath) {
        self.configuration = configuration
        self.directory = directory
    }

    override func onTrainBegin(_ runContext: RunContext) throws {
        if runContext.world.rank == 0 { try configuration?.keep(in: directory) }
    }
}
