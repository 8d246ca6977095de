import Checkpoints
import Ciphers
import Runs
import SystemPackage
import Training

extension NamesCase {
    /// The configuration, from the names of MindSpore's arguments.
    var config: CheckpointConfig {
        get throws {
            let given = json["config"].object.filter { $0.key != "note" }
            let configCase = ConfigCase(target: "", json: .object(["kwargs": .object(given)]))
            let isNoted = json["config"]["note"] != .null
            return try CheckpointConfig(
                saveCheckpointSteps: configCase.int("save_checkpoint_steps", absent: notedSteps ?? 1),
                saveCheckpointSeconds: configCase.int("save_checkpoint_seconds", absent: 0),
                keepCheckpointMax: configCase.int("keep_checkpoint_max", absent: 5),
                keepCheckpointPerNMinutes: configCase.int("keep_checkpoint_per_n_minutes", absent: 0),
                asyncSave: configCase.flag("async_save"),
                savedNetwork: name.hasPrefix("saved_network") ? SmallNetwork() : nil, appendInfo: appendInfo,
                encKey: key, encMode: mode,
                exceptionSave: configCase.flag("exception_save", absent: isNoted && name.hasPrefix("exception_save")),
                crcCheck: configCase.flag("crc_check"),
                format: CheckpointFileFormat(rawValue: configCase.text("format", absent: "ckpt")) ?? .ckpt)
        }
    }

    /// Some cases say their steps in words.
    private var notedSteps: Int? { name.hasPrefix("exception_save") ? 2 : nil }

    private var appendInfo: [AppendInfo] {
        json["config"]["append_info"].array.map { element in
            if let name = element.string { return AppendInfo(stringLiteral: name) }
            let values = element.object.sorted { $0.key < $1.key }
            return .values(values.map { ($0.key, .integer($0.value.int ?? 0)) })
        }
    }

    private var key: EncryptionKey? {
        guard json["config"]["enc_key"] != .null else { return nil }
        return try? EncryptionKey([UInt8](repeating: 0x30, count: 16).span)
    }

    private var mode: EncryptionMode {
        json["config"]["enc_mode"].string.flatMap { EncryptionMode(rawValue: $0) } ?? .aesGCM
    }

    /// The prefix: computed where the case says so in words.
    var prefix: RunText {
        switch json["config"]["note"].string {
        case "prefix=lambda p: f'net_{p.cur_epoch_num}_{p.cur_step_num}'"?:
            .computed { "net_\($0.curEpochNum ?? 0)_\($0.curStepNum)" }
        case "prefix=lambda p: 'last'"?: .computed { _ in "last" }
        case "prefix=lambda p: 'a/b'"?: .computed { _ in "a/b" }
        default: .fixed(json["prefix"].string ?? "")
        }
    }

    var directory: RunText {
        let isComputed = name.contains("callable directory")
        return isComputed ? .computed { _ in output.string } : .fixed(output.string)
    }

    /// The callbacks that raise or stop.
    var others: [Callback] {
        if name.hasPrefix("request_stop at step") {
            let step = name.hasPrefix("request_stop at step 5") ? 5 : 4
            return [Actor(.trainStepEnd) { if $0.originalArgs().curStepNum == step { $0.requestStop() } }]
        }
        guard name.hasPrefix("exception_save"), json["raised"] != .null else { return [] }
        for hook in Hook.allCases where name.contains("raises in \(hook.rawValue)") {
            let step = name.split(separator: " ").last.flatMap { Int($0) }
            return [Actor.raising(hook, step: step)]
        }
        // A network that raises has made its step, as MindSpore counts; here it is a callback that raises after it.
        return [Actor.raising(.trainStepEnd, step: 5)]
    }
}
