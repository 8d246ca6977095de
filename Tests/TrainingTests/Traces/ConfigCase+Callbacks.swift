import Runs
import Training

extension ConfigCase {
    static let signalReason = "A number that is no signal, or one of a signal that nobody hears, is refused at once."

    /// Why a case of `ModelCheckpoint` may end otherwise than MindSpore's.
    var checkpointDifference: String? {
        if arguments["directory"]?.string?.hasPrefix("afile") == true {
            return "A directory is made when training begins, on all ranks together, and refused there."
        }
        if arguments["prefix"]?.string?.hasPrefix(".") == true { return "A name with a dot in front is a hidden file." }
        return nil
    }

    func makeModelCheckpoint() throws -> Bool {
        try allow("prefix", "directory", "config")
        if let config = arguments["config"], config != .null, config["py"].string != "CheckpointConfig" {
            throw NotExpressible()
        }
        let prefix = try text("prefix", orComputed: "CKP")
        let checkpoint = try ModelCheckpoint(prefix: prefix, directory: text("directory", orComputed: "."))
        return checkpoint.latestCkptFileName == json["after"]["latest_ckpt_file_name"].string ?? ""
    }

    private func text(_ name: String, orComputed absent: String) throws -> RunText {
        if arguments[name]?["py"].string == "callable" { return .computed { _ in absent } }
        return .fixed(try text(name, absent: absent))
    }

    /// Why a case of `OnRequestExit` may end otherwise than MindSpore's.
    var exitDifference: String? {
        switch arguments["sig"].flatMap({ $0.int ?? $0["int"].int }) {
        case let signal? where !(1...64).contains(signal) || signal == 19: return Self.signalReason
        default: break
        }
        if arguments["directory"]?.string == "afile" { return checkpointDifference }
        if arguments["file_name"]?.string?.contains("/") == true { return Self.fileNameReason }
        return nil
    }

    private static let fileNameReason =
        "A name that no file can have is refused at once, not when the state is to be saved."

    func makeOnRequestExit() throws -> Bool {
        try allow("save_ckpt", "save_mindir", "file_name", "directory", "sig", "config_file")
        let signal = try arguments["sig"].map { value in
            guard let number = value["int"].int ?? value.int else { throw NotExpressible() }
            return Int32(number)
        }
        let directory = arguments["directory"] == .null ? nil : try text("directory", absent: ".")
        let configFile = try arguments["config_file"].flatMap {
            $0 == .null ? nil : try text("config_file", absent: "")
        }
        _ = try OnRequestExit(
            saveCkpt: flag("save_ckpt", absent: true), saveMindIR: flag("save_mindir", absent: false),
            fileName: text("file_name", absent: "Net"), directory: directory, sig: signal ?? 15, configFile: configFile)
        return true
    }

    func makeLossMonitor() throws -> Bool {
        _ = try LossMonitor(perPrintTimes: requiredInt("per_print_times", absent: 1)) { _ in }
        return true
    }

    /// Why a case of `TimeMonitor` may end otherwise than MindSpore's.
    var timeDifference: String? {
        arguments["data_size"] == .number(0) ? "An epoch of no steps is refused." : nil
    }

    func makeTimeMonitor() throws -> Bool {
        _ = try TimeMonitor(dataSize: int("data_size", absent: nil), dataTime: flag("data_time"), output: { _ in })
        return true
    }

    private func mode() throws -> MonitorMode {
        guard let mode = MonitorMode(rawValue: try text("mode", absent: "auto")) else { throw NotExpressible() }
        return mode
    }

    func makeEarlyStopping() throws -> Bool {
        _ = try EarlyStopping(
            monitor: text("monitor", absent: "eval_loss"), minDelta: double("min_delta", absent: 0),
            patience: requiredInt("patience", absent: 0), verbose: flag("verbose"), mode: mode(),
            baseline: arguments["baseline"] == nil ? nil : double("baseline", absent: 0),
            restoreBestWeights: flag("restore_best_weights"))
        return true
    }

    func makeReduceLROnPlateau() throws -> Bool {
        if case .number = arguments["factor"] { throw NotExpressible() }
        _ = try ReduceLROnPlateau(
            monitor: text("monitor", absent: "eval_loss"), factor: Float(double("factor", absent: 0.1)),
            patience: requiredInt("patience", absent: 10), verbose: flag("verbose"), mode: mode(),
            minDelta: double("min_delta", absent: 1e-4), cooldown: requiredInt("cooldown", absent: 0),
            minLR: Float(double("min_lr", absent: 0)))
        return true
    }
}
