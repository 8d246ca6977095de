import Files
import Foundation
import Logging
import Synchronization
import SystemPackage

/// The JSON file that asks for a stop with `{"GracefulExit": 1}` (MindSpore's `config_file`).
///
/// It is read at every look, since neither size nor time proves that a small file is unchanged: it may be replaced, be a link to
/// another one, get its old times back, or change twice within a tick of the clock; and the times of a network file system may be
/// stale. A missing file asks for nothing and gets a warning at the start; one that is not a JSON object, perhaps because it is
/// half written, asks for nothing either and gets one warning.
final class ExitConfigFile: FileStopSource {
    private let path: FilePath
    private let files: any FileSystem
    private let logger: Logger
    private let surroundings: any Surroundings
    private let state = Mutex(State())

    private struct State {
        var contents: [UInt8]?
        var seen: ContinuousClock.Instant?
        var hasWarned = false
    }

    init(
        _ path: FilePath, files: any FileSystem, logger: Logger = Logger(label: "OnRequestExit"),
        in surroundings: any Surroundings
    ) {
        self.path = path
        self.files = files
        self.logger = logger
        self.surroundings = surroundings
    }

    /// Warns, unless that was done before, that there is no such file: it may be a mistake, or come later.
    func warnIfMissing(unless given: GivenWarnings) {
        let isThere = (try? files.status(of: path) != nil) ?? true
        guard !isThere, given.note(path) else { return }
        logger.warning("the configuration file \(path) is not there: it asks for no stop until it is")
    }

    func look() {
        guard poll() == nil, (try? files.status(of: path)) != nil else { return }
        // Without the lock, which a step may want meanwhile.
        let contents = try? files.contents(of: path, limit: 1 << 20)
        state.withLock { state in
            guard contents == nil || contents != state.contents else { return }
            state.contents = contents
            if isExitRequested(in: contents ?? [], warned: &state.hasWarned) { state.seen = surroundings.now }
        }
    }

    func poll() -> StopReason? { state.withLock { $0.seen } == nil ? nil : .configFile }

    var details: StopDetails {
        StopDetails("\(path) says GracefulExit", time: state.withLock { $0.seen })
    }

    private func isExitRequested(in bytes: [UInt8], warned: inout Bool) -> Bool {
        do {
            return try JSONDecoder().decode(ExitConfig.self, from: Data(bytes)).isExitRequested
        } catch {
            if !warned { logger.warning("\(path) is ignored: it is no JSON object such as {\"GracefulExit\": 1}") }
            warned = true
            return false
        }
    }
}

/// What the file says. 1, 1.0 and true ask for a stop, as they do in MindSpore; anything else does not.
private struct ExitConfig: Decodable {
    let isExitRequested: Bool

    private enum Key: String, CodingKey {
        case gracefulExit = "GracefulExit"
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        let number = try? object.decode(Double.self, forKey: .gracefulExit)
        let flag = try? object.decode(Bool.self, forKey: .gracefulExit)
        isExitRequested = number == 1 || flag == true
    }
}
