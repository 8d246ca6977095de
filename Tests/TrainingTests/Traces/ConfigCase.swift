import Checkpoints
import Networks
import Runs
import Tensors
import Training

/// A case of `config_validation.json`: what a constructor was given, and whether it took it.
struct ConfigCase {
    let target: String
    let json: JSON

    /// What becomes of a case here.
    enum Outcome {
        /// The constructor took it, or refused it, as MindSpore's did.
        case replayed
        /// Swift's types exclude what was given, or there is no such thing.
        case notExpressible
        /// It was taken though MindSpore refuses it, or the other way round, for this reason.
        case differs(String)
    }

    var arguments: [String: JSON] { json["kwargs"].object }

    /// Compares what `make` does with what MindSpore did; `reason` excuses a difference.
    func compare(_ reason: String?, _ make: () throws -> Bool) -> Outcome? {
        let agrees: Bool
        do {
            agrees = try make() && json["ok"].bool == true
        } catch is NotExpressible {
            return .notExpressible
        } catch {
            agrees = json["ok"].bool == false
        }
        if agrees { return reason == nil ? .replayed : nil }
        return reason.map { .differs($0) }
    }

    func replay() -> Outcome? {
        switch target {
        case "CheckpointConfig": compare(configDifference) { try makeConfig() }
        case "ModelCheckpoint": compare(checkpointDifference) { try makeModelCheckpoint() }
        case "OnRequestExit": compare(exitDifference) { try makeOnRequestExit() }
        case "OnRequestExit.on_train_begin registers handler":
            compare(nil) { try makeOnRequestExit() }
        case "LossMonitor": compare(nil) { try makeLossMonitor() }
        case "TimeMonitor": compare(timeDifference) { try makeTimeMonitor() }
        case "EarlyStopping": compare(nil) { try makeEarlyStopping() }
        case "ReduceLROnPlateau": compare(nil) { try makeReduceLROnPlateau() }
        case "History", "LambdaCallback": .replayed
        // A function that is none, a class that is not there, and attributes that only Python has.
        case "LearningRateScheduler", "BackupAndRestore", "OnRequestExit.misc", "ModelCheckpoint.misc":
            .notExpressible
        case "CheckpointConfig.misc": .notExpressible
        default: nil
        }
    }
}

/// Thrown by what Swift's types exclude.
struct NotExpressible: Error {}

extension ConfigCase {
    /// An argument that must be a whole number or nil; `absent` if it was not given.
    func int(_ name: String, absent: Int?) throws -> Int? {
        guard let value = arguments[name] else { return absent }
        if value == .null { return nil }
        return try number(value)
    }

    func requiredInt(_ name: String, absent: Int) throws -> Int {
        guard let value = arguments[name] else { return absent }
        return try number(value)
    }

    private func number(_ value: JSON) throws -> Int {
        guard case .number(let number) = value, let int = Int(exactly: number) else { throw NotExpressible() }
        return int
    }

    func double(_ name: String, absent: Double) throws -> Double {
        guard let value = arguments[name] else { return absent }
        if case .number(let number) = value { return number }
        guard value["py"].string == "float", let text = value["value"].string, let number = Double(text) else {
            throw NotExpressible()
        }
        return number
    }

    func flag(_ name: String, absent: Bool = false) throws -> Bool {
        guard let value = arguments[name] else { return absent }
        guard case .bool(let flag) = value else { throw NotExpressible() }
        return flag
    }

    func text(_ name: String, absent: String) throws -> String {
        guard let value = arguments[name] else { return absent }
        guard case .string(let text) = value else { throw NotExpressible() }
        return text
    }

    /// Throws unless only these arguments were given.
    func allow(_ names: String...) throws {
        guard Set(arguments.keys).isSubset(of: names) else { throw NotExpressible() }
    }
}
