/// Something that befalls a run.
public struct Mishap: Sendable, Hashable {
    /// In which launch, from 0.
    public var launch: Int

    /// When: the share of the turns that an undisturbed launch takes.
    public var moment: Double

    /// What.
    public var kind: Kind

    /// Describes one.
    public init(launch: Int, moment: Double, kind: Kind) {
        self.launch = launch
        self.moment = moment
        self.kind = kind
    }

    /// What can befall a run.
    public enum Kind: Sendable, Hashable {
        /// A rank is killed.
        case kill(rank: Int)
        /// A host is lost, with all ranks there.
        case loseHost(Int)
        /// The launcher dies; nobody tells the ranks to end any more.
        case loseLauncher
        /// Power fails everywhere.
        case powerFailure
        /// A rank gets a signal that asks for a stop.
        case signal(rank: Int)
        /// The launcher is told to end the ranks: all get a signal, and are killed some seconds later.
        case endedByLauncher(grace: Double)
        /// The launcher says that it will end the ranks; some seconds later it does.
        case notice(seconds: Double)
        /// A callback of a rank asks for a stop after its next step.
        case call(rank: Int)
        /// Somebody leaves a halt request: at once, after a step, or after so many sets.
        case halt(HaltMoment)
        /// Somebody takes back the halt requests that are there.
        case withdrawal
        /// Somebody writes the configuration file, in two parts.
        case configFile
        /// A rank stands still for so many seconds.
        case pause(rank: Int, seconds: Double)
        /// What ranks send takes up to so many seconds, for a while.
        case slowNetwork(seconds: Double)
        /// A host cannot be reached for so many seconds.
        case cut(host: Int, seconds: Double)
        /// Hosts from this one on and those before it cannot reach each other for so many seconds.
        case split(host: Int, seconds: Double)
        /// The steps of a rank take twenty times as long from now on.
        case slowRank(Int)
        /// A rank comes to nothing in its next step, longer than a watchdog waits.
        case stall(rank: Int)
        /// The next launch begins while this one goes on.
        case overlap
        /// A callback of a rank throws after its next step.
        case failure(rank: Int)
        /// Somebody sets the clock of a host.
        case shiftClock(host: Int, seconds: Double)
    }

    /// When a halt request is due.
    public enum HaltMoment: Sendable, Hashable {
        /// At once.
        case now
        /// After a step of the run.
        case afterStep(Int)
        /// After so many sets.
        case afterCheckpoints(Int)
        /// By the clock of whoever asks.
        case inSeconds(Double)
    }

    /// Whether it asks for a stop.
    public var isRequest: Bool {
        switch kind {
        case .signal, .endedByLauncher, .notice, .call, .halt, .configFile: true
        default: false
        }
    }
}

extension Mishap: CustomStringConvertible {
    /// As in "launch 1, at 0.412: rank 3 is killed".
    public var description: String {
        "launch \(launch + 1), at \((moment * 1000).rounded() / 1000): \(kind)"
    }
}

extension Mishap.Kind: CustomStringConvertible {
    /// As in "rank 3 is killed".
    public var description: String {
        switch self {
        case .kill(let rank): "rank \(rank) is killed"
        case .loseHost(let host): "host \(host) is lost"
        case .loseLauncher: "the launcher dies"
        case .powerFailure: "power fails"
        case .signal(let rank): "SIGTERM to rank \(rank)"
        case .endedByLauncher(let grace): "the launcher ends all ranks within \(grace) s"
        case .notice(let seconds): "the launcher gives notice, and ends all ranks in \(seconds) s"
        case .call(let rank): "a callback of rank \(rank) asks for a stop"
        case .halt(.now): "a halt request"
        case .halt(.afterStep(let step)): "a halt request for step \(step)"
        case .halt(.afterCheckpoints(let count)): "a halt request after \(count) sets"
        case .halt(.inSeconds(let seconds)): "a halt request in \(seconds) s"
        case .withdrawal: "halt requests are withdrawn"
        case .configFile: "the configuration file asks"
        case .pause(let rank, let seconds): "rank \(rank) stands still for \(seconds) s"
        case .slowNetwork(let seconds): "messages take up to \(seconds) s"
        case .cut(let host, let seconds): "host \(host) cannot be reached for \(seconds) s"
        case .split(let host, let seconds): "hosts below \(host) cannot reach the others for \(seconds) s"
        case .slowRank(let rank): "the steps of rank \(rank) take twenty times as long"
        case .stall(let rank): "rank \(rank) stalls in its next step"
        case .overlap: "the next launch begins"
        case .failure(let rank): "a callback of rank \(rank) throws"
        case .shiftClock(let host, let seconds): "the clock of host \(host) is set by \(seconds) s"
        }
    }

    /// What tables call it.
    var name: String {
        switch self {
        case .kill: "kill"
        case .loseHost: "host lost"
        case .loseLauncher: "launcher lost"
        case .powerFailure: "power failure"
        case .signal: "signal"
        case .endedByLauncher: "end by launcher"
        case .notice: "notice"
        case .call: "callback asks"
        case .halt: "halt request"
        case .withdrawal: "withdrawal"
        case .configFile: "config file"
        case .pause: "pause"
        case .slowNetwork: "slow network"
        case .cut: "network cut"
        case .split: "network split"
        case .slowRank: "slow rank"
        case .stall: "stall"
        case .overlap: "overlap"
        case .failure: "failure"
        case .shiftClock: "clock set"
        }
    }
}
