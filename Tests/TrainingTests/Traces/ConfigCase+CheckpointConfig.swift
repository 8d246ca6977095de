import Checkpoints
import Ciphers
import Networks
import Runs
import Tensors
import Testing
import Training

extension ConfigCase {
    /// Why a case of `CheckpointConfig` may end otherwise than MindSpore's.
    var configDifference: String? {
        let early = "Contents are checked when the configuration is made, not at the first save."
        if let key = arguments["enc_key"]?["len"].int, ![16, 24, 32].contains(key) { return early }
        if arguments["enc_key"]?["len"].int != nil, arguments["crc_check"] == .bool(true) { return early }
        if arguments["format"] == .string("safetensors"), arguments["exception_save"] == .bool(true) {
            return "Breakpoint files are in the format that is configured."
        }
        if arguments["format"] == .string("safetensors"),
            arguments["append_info"]?.array.contains(where: \.hasText) == true
        {
            return early
        }
        return nil
    }

    func makeConfig() throws -> Bool {
        // Unknown arguments are passed over by MindSpore; Swift's compiler refuses them.
        try allow(
            "save_checkpoint_steps", "save_checkpoint_seconds", "keep_checkpoint_max", "keep_checkpoint_per_n_minutes",
            "integrated_save", "async_save", "saved_network", "append_info", "enc_key", "enc_mode", "exception_save",
            "crc_check", "remove_redundancy", "format")
        guard let mode = EncryptionMode(rawValue: try text("enc_mode", absent: "AES-GCM")),
            let format = CheckpointFileFormat(rawValue: try text("format", absent: "ckpt"))
        else { throw NotExpressible() }
        let config = try CheckpointConfig(
            saveCheckpointSteps: int("save_checkpoint_steps", absent: 1),
            saveCheckpointSeconds: int("save_checkpoint_seconds", absent: 0),
            keepCheckpointMax: int("keep_checkpoint_max", absent: 5),
            keepCheckpointPerNMinutes: int("keep_checkpoint_per_n_minutes", absent: 0),
            integratedSave: flag("integrated_save", absent: true), asyncSave: asyncSave(), savedNetwork: network(),
            appendInfo: appendInfo(), encKey: key(), encMode: mode, exceptionSave: flag("exception_save"),
            crcCheck: flag("crc_check"), removeRedundancy: flag("remove_redundancy"), format: format)
        // A case that MindSpore refuses has no properties to compare.
        if json["ok"].bool == true { expectProperties(of: config) }
        return true
    }

    private static let defaults = TraceFile("config_validation.json").contents["CheckpointConfig_default_properties"]

    private func expectProperties(of config: CheckpointConfig) {
        let given = json["properties"].object
        let expected = { (name: String) -> JSON in given[name] ?? Self.defaults[name] }
        let policy = config.getCheckpointPolicy()
        for (name, value) in [
            ("save_checkpoint_steps", policy.saveCheckpointSteps),
            ("save_checkpoint_seconds", policy.saveCheckpointSeconds),
            ("keep_checkpoint_max", policy.keepCheckpointMax),
            ("keep_checkpoint_per_n_minutes", policy.keepCheckpointPerNMinutes),
        ] {
            #expect(value == expected(name).int, "\(name) of \(arguments)")
        }
        for (name, value) in [
            ("integrated_save", config.integratedSave), ("crc_check", config.crcCheck),
            ("exception_save", config.exceptionSave), ("remove_redundancy", config.removeRedundancy),
        ] {
            #expect(value == expected(name).bool, "\(name) of \(arguments)")
        }
        #expect(config.asyncSave == (expected("async_save") != .bool(false)), "\(arguments)")
        #expect(config.format.rawValue == expected("format").string, "\(arguments)")
        #expect(config.encMode.rawValue == expected("enc_mode").string, "\(arguments)")
        #expect((policy.savedNetwork == nil) == (expected("saved_network") == .null), "\(arguments)")
        let names = expected("append_dict")["items"].array.compactMap { $0.array.first?.string }
        #expect(config.appendDict.map(\.name) == names, "\(arguments)")
    }

    private func asyncSave() throws -> Bool {
        switch arguments["async_save"] {
        case nil: return false
        case .bool(let flag): return flag
        // MindSpore's "thread" is what true means. There are no other processes to save in.
        case .string("thread"): return true
        default: throw NotExpressible()
        }
    }

    private func network() throws -> (any Cell)? {
        guard let value = arguments["saved_network"], value != .null else { return nil }
        guard value["py"].string == "Cell" else { throw NotExpressible() }
        return SmallNetwork()
    }

    private func key() throws -> EncryptionKey? {
        guard let value = arguments["enc_key"], value != .null else { return nil }
        guard value["py"].string == "bytes", let count = value["len"].int else { throw NotExpressible() }
        return try EncryptionKey([UInt8](repeating: 0x30, count: count).span)
    }

    private func appendInfo() throws -> [AppendInfo] {
        guard let value = arguments["append_info"], value != .null else { return [] }
        guard case .array(let elements) = value else { throw NotExpressible() }
        return try elements.map { element in
            if let name = element.string { return AppendInfo(stringLiteral: name) }
            guard element["py"].string == "dict" else { throw NotExpressible() }
            return .values(
                try element["items"].array.map { item in
                    guard let name = item.array[0].string else { throw NotExpressible() }
                    return (name, try appended(item.array[1]))
                })
        }
    }

    private func appended(_ json: JSON) throws -> CheckpointValue {
        switch json {
        case .bool(let flag): return .flag(flag)
        case .string(let text): return .text(text)
        case .number(let number):
            guard let int = Int(exactly: number) else { throw NotExpressible() }
            return .integer(int)
        default: break
        }
        switch json["py"].string {
        case "float": return .real(Double(json["value"].string ?? "") ?? 0)
        case "Tensor", "Parameter": return .tensor(Tensor(zeros: Shape(json["shape"].array.compactMap(\.int))))
        default: throw NotExpressible()
        }
    }
}

extension JSON {
    /// Whether it is a Python dictionary with a text in it.
    fileprivate var hasText: Bool { self["items"].array.contains { $0.array.last?.string != nil } }
}
