import Checkpoints
import Collectives
import Execution
import Files
import Graphs
import Layouts
import Records
import Stopping
import SystemPackage
import Watching

/// What the training and the validations inside it share.
final class RunState {
    let world: any Communicator
    let surroundings: any Surroundings
    let mesh: DeviceMesh
    let agreement: StopAgreement
    let whereabouts: Whereabouts
    /// The number of the last epoch; 0 in a plain evaluation.
    let epochs: Int
    let profile: Profile?
    /// What all that is random in the run is made of.
    let seed: UInt64
    let pace: RunPace
    let clock: StepClock
    let finiteness: FinitenessCheck
    let settings: RunSettings
    var epochState = EpochState()
    var position = RunPosition() {
        didSet { pace.note(position: position.step) }
    }
    /// How samples are put in order if the run carries on one that did it so; nil if it begins anew.
    var shuffling: Shuffling?
    var stopSources: [any StopSource] = []
    var stopObservers: [(AgreedStop) -> Void] = []
    var publishObservers: [(PublishedSet) -> Void] = []
    var stepObservers: [(StepClock.Step) -> Void] = []
    var branch: RunBranch
    var stopSet: StopSet?
    var saver: AnyObject?
    var catalogs: [FilePath: SetCatalog] = [:]
    /// What makes the run carry on an earlier one, once all callbacks have contributed.
    var resumption: (() throws -> Void)?
    /// Each says whether a set of a name in a directory may be one of its own.
    var setOwners: [(String, FilePath) -> Bool] = []

    init(
        world: any Communicator, in surroundings: any Surroundings, mesh: DeviceMesh, epochs: Int = 0,
        profile: Profile? = nil, seed: UInt64 = 0, onNaN policy: NonFinitePolicy = .fail,
        settings: RunSettings = RunSettings(), pace: RunPace = RunPace(),
        whereabouts: Whereabouts = Whereabouts()
    ) {
        self.world = world
        self.surroundings = surroundings
        branch = RunBranch(in: surroundings)
        self.pace = pace
        clock = StepClock(in: surroundings, collectives: (world as? TimedCommunicator)?.time)
        self.whereabouts = whereabouts
        self.mesh = mesh
        self.epochs = epochs
        self.profile = profile
        self.seed = seed
        finiteness = FinitenessCheck(policy, isHeard: world.rank == 0)
        self.settings = settings
        agreement = StopAgreement(world: world)
    }
}
