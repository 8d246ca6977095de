import Glibc

/// A reader of bytes from outside, and what must hold of whatever it takes.
struct FuzzTarget: Sendable {
    /// What it is called on the command line, and its folder in `Corpora`.
    let name: String

    /// Reads the bytes; throws an error in words if it refuses them.
    let run: @Sendable ([UInt8]) throws -> Void

    /// All of them.
    static let all = [
        FuzzTarget(name: "ckpt", run: readCkpt),
        FuzzTarget(name: "safetensors", run: readSafetensors),
        FuzzTarget(name: "container", run: readContainer),
        FuzzTarget(name: "sealed", run: sealAndOpen),
        FuzzTarget(name: "manifest", run: readManifest),
        FuzzTarget(name: "tombstone", run: readTombstone),
        FuzzTarget(name: "strategy", run: readStrategy),
        FuzzTarget(name: "strategy-json", run: readStrategyJSON),
        FuzzTarget(name: "mindir", run: readMindIR),
        FuzzTarget(name: "idx", run: readIDX),
        FuzzTarget(name: "gzip", run: readGzip),
        FuzzTarget(name: "csv", run: readCSV),
        FuzzTarget(name: "json-lines", run: readJSONLines),
        FuzzTarget(name: "npy", run: readNumPyArray),
        FuzzTarget(name: "npz", run: readNumPyArchive),
        FuzzTarget(name: "cifar", run: readCIFAR10),
        FuzzTarget(name: "picture", run: readPicture),
        FuzzTarget(name: "yaml", run: readConfiguration),
        FuzzTarget(name: "halt", run: readHaltRequest),
        FuzzTarget(name: "config", run: readExitConfig),
        FuzzTarget(name: "key", run: readKey),
        FuzzTarget(name: "status", run: readStatus),
        FuzzTarget(name: "hang", run: readHangReport),
    ]

    /// The one that the environment names.
    static let chosen: FuzzTarget = {
        let name = getenv("LOCKSTEP_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = all.first(where: { $0.name == name }) else { fatalError("there is no target \"\(name)\"") }
        return target
    }()
}
