import Checkpoints
import CheckpointsTestKit
import Ciphers
import Files
import Graphs
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// Reading checkpoint files into memory and networks.
struct LoadingTests {
    private let run = SavingRun(epochs: 1, steps: 4)

    private func save(_ config: CheckpointConfig) throws -> Model {
        try run.train([run.checkpoint(config)])
    }

    private func path(_ format: String = "ckpt") -> FilePath { output.appending("CKP-1_4.\(format)") }

    private func key(_ count: Int) throws -> EncryptionKey {
        try EncryptionKey([UInt8](repeating: 7, count: count).span)
    }

    @Test func entriesComeInTheOrderOfTheFile() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4, appendInfo: ["epoch_num", ["note": "warm"]]))
        let loaded = try loadCheckpoint(path(), files: run.disk)
        #expect(
            loaded.entries.map(\.name) == [
                "dense.weight", "dense.bias", "global_step", "learning_rate", "momentum", "moments.dense.weight",
                "moments.dense.bias", "epoch_num", "note",
            ])
        guard case .text("warm")? = loaded["note"] else {
            Issue.record("the note is \(String(describing: loaded["note"]))")
            return
        }
    }

    @Test func namesAreFilteredByPrefixAndChoice() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4))
        let loaded = try loadCheckpoint(
            path(), filterPrefix: ["moments", "global"], choiceFunc: { !$0.hasSuffix("bias") }, files: run.disk)
        #expect(loaded.entries.map(\.name) == ["dense.weight", "learning_rate", "momentum"])
        #expect(throws: LoadError.emptyFilter) { _ = try loadCheckpoint(path(), filterPrefix: [""], files: run.disk) }
        #expect(throws: LoadError.nothingToLoad(path(), entryCount: 7)) {
            _ = try loadCheckpoint(path(), choiceFunc: { _ in false }, files: run.disk)
        }
    }

    private func write(_ tensors: KeyValuePairs<String, Tensor>) throws {
        let file = MemoryFile()
        let writer = CkptWriter(to: file)
        for (name, tensor) in tensors { try writer.write(name, tensor) }
        try writer.finish()
        try run.disk.replaceContents(of: "/x.ckpt", with: file.bytes)
    }

    /// MindSpore saves parameters in a host cache so, and cuts the end off again.
    @Test func theKeyOfAHostCacheIsNoPartOfTheName() throws {
        try write([
            "table.__param_key__7": Tensor([1, 2] as [Float], shape: [2]), "bias": Tensor([3] as [Float], shape: [1]),
        ])
        let loaded = try loadCheckpoint("/x.ckpt", files: run.disk)
        #expect(loaded.entries.map(\.name) == ["table", "bias"])
        #expect(loaded.tensor("table")?.elements(of: Float.self) == [1, 2])
    }

    @Test func namesAndPrefixesAreComparedByTheirBytes() throws {
        try write(["w\u{E9}": Tensor([1] as [Float], shape: [1]), "we\u{301}": Tensor([2] as [Float], shape: [1])])
        let loaded = try loadCheckpoint("/x.ckpt", files: run.disk)
        #expect(loaded.tensor("w\u{E9}")?.elements(of: Float.self) == [1])
        #expect(loaded.tensor("we\u{301}")?.elements(of: Float.self) == [2])
        let filtered = try loadCheckpoint("/x.ckpt", filterPrefix: ["we"], files: run.disk)
        #expect(filtered.entries.count == 1 && filtered.tensor("w\u{E9}") != nil)
    }

    @Test func tensorOfATypeThatIsNotSupportedIsNamedUnlessItIsLeftOut() throws {
        let header =
            #"{"q":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4]},"#
            + #""w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        let count = UInt8(header.utf8.count)
        try run.disk.replaceContents(
            of: "/x.safetensors",
            with: [count, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [1, 2, 3, 4, 0, 0, 0x80, 0x3F])
        let error = #expect(throws: FormatError.self) { try loadCheckpoint("/x.safetensors", files: run.disk) }
        #expect(error?.description == "q in /x.safetensors cannot be read: its type F8_E5M2 is not supported")
        let loaded = try loadCheckpoint("/x.safetensors", choiceFunc: { $0 != "q" }, files: run.disk)
        #expect(loaded.tensor("w")?.elements(of: Float.self) == [1])
    }

    @Test(arguments: ["ckpt", "safetensors"]) func keyForAFileThatIsPlainIsRefused(format: String) throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4, format: format == "ckpt" ? .ckpt : .safetensors))
        #expect(throws: FormatError.damaged(path: path(format), offset: 0, .notEncrypted)) {
            try loadCheckpoint(path(format), decKey: key(16), files: run.disk)
        }
    }

    @Test(arguments: EncryptionMode.allCases)
    func encryptedFilesNeedTheirKeyAndMode(mode: EncryptionMode) throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4, encKey: key(16), encMode: mode))
        let loaded = try loadCheckpoint(path(), decKey: key(16), decMode: mode, files: run.disk)
        #expect(loaded.entries.count == 7)
        #expect(throws: FormatError.encryption(path: path(), .keyMissing)) {
            _ = try loadCheckpoint(path(), files: run.disk)
        }
        let other: EncryptionMode = mode == .aesCBC ? .aesGCM : .aesCBC
        #expect(throws: LoadError.otherMode(path(), found: mode, expected: other)) {
            _ = try loadCheckpoint(path(), decKey: key(16), decMode: other, files: run.disk)
        }
    }

    @Test func aDamagedFileFailsTheCheckOfItsCRC() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4, crcCheck: true))
        #expect(try loadCheckpoint(path(), crcCheck: true, files: run.disk).entries.count == 7)
        run.disk.damage(path(), at: 50)
        #expect(throws: FormatError.self) { _ = try loadCheckpoint(path(), crcCheck: true, files: run.disk) }
    }

    /// Whichever read gives other bytes, before the check or after it.
    @Test func whatHasTheRightCRCIsWhatIsLoaded() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4, crcCheck: true))
        let right = try loadCheckpoint(path(), crcCheck: true, files: run.disk)
        for position in 1... {
            let faulty = FaultyFileSystem(run.disk, .lies, at: position)
            let loaded = try? loadCheckpoint(path(), crcCheck: true, files: faulty)
            guard let operation = faulty.faultyOperation else { break }
            guard let weight = loaded?.tensor("dense.weight") else { continue }
            #expect(
                weight.elements(of: Float.self) == right.tensor("dense.weight")?.elements(of: Float.self),
                "\(operation)")
        }
    }

    @Test(arguments: CheckpointFileFormat.allCases)
    func aNetworkTakesWhatHasItsNames(format: CheckpointFileFormat) throws {
        let model = try save(CheckpointConfig(saveCheckpointSteps: 4, format: format))
        let network = SmallNetwork()
        let report = try loadParamIntoNet(network, loadCheckpoint(path(format.rawValue), files: run.disk))
        #expect(report.notLoaded == [])
        #expect(
            Set(report.notTaken) == [
                "global_step", "learning_rate", "momentum", "moments.dense.weight", "moments.dense.bias",
            ])
        for (own, trained) in zip(network.parameters, model.network.parameters) {
            #expect(own.tensor.elements(of: Float.self) == trained.tensor.elements(of: Float.self))
        }
    }

    @Test func oneDifferentPrefixIsFoundUnlessLoadingIsStrict() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4))
        let loaded = try loadCheckpoint(path(), files: run.disk)
        let layer = Dense(2, 2)
        #expect(try loadParamIntoNet(layer, loaded, strictLoad: true).notLoaded == ["weight", "bias"])
        let report = try loadParamIntoNet(layer, loaded)
        #expect(report.notLoaded == [] && !report.notTaken.contains("dense.weight"))
    }

    @Test func aTensorOfAnotherShapeIsRefusedBeforeAnythingIsLoaded() throws {
        _ = try save(CheckpointConfig(saveCheckpointSteps: 4))
        let loaded = try loadCheckpoint(path(), files: run.disk)
        final class Wide: Cell {
            let dense = Dense(2, 3)
            func construct(_ x: Symbol) -> Symbol { dense(x) }
        }
        #expect(throws: LoadError.self) { _ = try loadParamIntoNet(Wide(), loaded) }
    }
}
