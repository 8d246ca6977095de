import Checkpoints
import CheckpointsTestKit
import Ciphers
import Files
import Networks
import Runs
import SystemPackage
import Testing
import Training

/// The cases of `checkpoint_names.json` in which Lockstep does something else on purpose.
let namesDifferences: [String: DeliberateDifference] = [
    "pre-existing CKP12-1_1.ckpt (unrelated prefix)": DeliberateDifference("Only names of exactly this prefix count.") {
        let run = SavingRun()
        try run.put(["CKP12-1_1.ckpt"])
        try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 12))])
        #expect(run.names() == ["CKP-3_4.ckpt", "CKP12-1_1.ckpt"])
    },
    "4 foreign files appear after construction, keep_max=2: one removed per save": DeliberateDifference(
        "Files that no manifest names are another program's: they are never removed."
    ) {
        let run = SavingRun()
        let foreign = ["CKP-99_1.ckpt", "CKP-99_2.ckpt", "CKP-99_3.ckpt"]
        let checkpoint = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 3, keepCheckpointMax: 2))
        try run.put(foreign)
        try run.train([checkpoint])
        #expect(run.names() == foreign + ["CKP_1-3_1.ckpt", "CKP_1-3_4.ckpt"])
    },
    "two ModelCheckpoints with same prefix and directory": DeliberateDifference(
        "The second takes another prefix, so that they do not remove each other's files."
    ) {
        let run = SavingRun()
        try run.train(
            [2, 3].map { try run.checkpoint(CheckpointConfig(saveCheckpointSteps: $0, keepCheckpointMax: 2)) })
        #expect(run.names() == ["CKP-3_2.ckpt", "CKP-3_4.ckpt", "CKP_1-3_1.ckpt", "CKP_1-3_4.ckpt"])
    },
    "same ModelCheckpoint object in a second train(): saves nothing": usedAgain,
    "same ModelCheckpoint object in a second, longer train()": usedAgain,
    "directory is created at construction": DeliberateDifference("It is made when training begins, by all ranks.") {
        let run = SavingRun()
        let checkpoint = try run.checkpoint(
            CheckpointConfig(saveCheckpointSteps: 12), directory: .fixed(output.appending("a/b").string))
        #expect(run.names("a/b") == [])
        try run.train([checkpoint])
        #expect(run.names("a/b") == ["CKP-3_4.ckpt"])
    },
    "exception_save: two ModelCheckpoints, only the first has exception_save -> nothing saved": DeliberateDifference(
        "Every ModelCheckpoint that is asked to saves a breakpoint."
    ) {
        let run = SavingRun()
        let callbacks = try [true, false].map {
            try run.checkpoint(
                CheckpointConfig(saveCheckpointSteps: 100, exceptionSave: $0), prefix: .fixed($0 ? "A" : "B"))
        }
        #expect(throws: Boom.self) { try run.train(callbacks + [Actor.raising(.trainStepEnd, step: 5)]) }
        #expect(run.names() == ["A-2_1_breakpoint.ckpt"])
    },
    "exception_save with callable prefix": DeliberateDifference("A computed prefix makes no error of another error.") {
        let run = SavingRun()
        let config = try CheckpointConfig(saveCheckpointSteps: 2, exceptionSave: true)
        let checkpoint = try run.checkpoint(config, prefix: .computed { _ in "x" })
        #expect(throws: Boom.self) { try run.train([checkpoint, Actor.raising(.trainStepEnd, step: 5)]) }
        #expect(run.names() == ["x.ckpt", "x_breakpoint.ckpt"])
    },
    "exception_save with callable directory, raised before the first step end": DeliberateDifference(
        "A computed directory makes no error of another error."
    ) {
        let run = SavingRun()
        let config = try CheckpointConfig(saveCheckpointSteps: 2, exceptionSave: true)
        let checkpoint = try run.checkpoint(config, directory: .computed { _ in output.string })
        #expect(throws: Boom.self) { try run.train([checkpoint, Actor.raising(.trainStepBegin)]) }
        #expect(run.names() == ["CKP-1_0_breakpoint.ckpt"])
    },
    "exception_save + saved_network: breakpoint still contains the train network": DeliberateDifference(
        "A breakpoint holds the network that is configured."
    ) {
        let run = SavingRun()
        let config = try CheckpointConfig(saveCheckpointSteps: 4, savedNetwork: SmallNetwork(), exceptionSave: true)
        #expect(throws: Boom.self) {
            try run.train([run.checkpoint(config), Actor.raising(.trainStepEnd, step: 5)])
        }
        #expect(run.names() == ["CKP-1_4.ckpt", "CKP-2_1_breakpoint.ckpt"])
        let file = try run.disk.open(output.appending("CKP-2_1_breakpoint.ckpt"))
        #expect(try CheckpointFormats.open(file).entries.map(\.name) == ["dense.weight", "dense.bias"])
    },
    "exception_save: callbacks given as tuple -> nothing saved": DeliberateDifference(
        "There are no tuples of callbacks; in a list it is saved."
    ) {
        let isReplayed = try NamesCase.named("exception_save: network raises RuntimeError in step 5").replay()
        #expect(isReplayed)
    },
    "append_info float epoch offset 'x' (str epoch_num)": refusedEarly(["epoch_num": "x"], .badOffset("epoch_num")),
    "append_info key equal to a parameter name overwrites the weight in the file": DeliberateDifference(
        "It is refused when training begins, before anything is saved."
    ) {
        let run = SavingRun()
        #expect(throws: CheckpointConfigError.appendedNameIsParameter("dense.weight")) {
            try run.train([run.checkpoint(CheckpointConfig(appendInfo: [["dense.weight": 7]]))])
        }
        #expect(run.names() == [])
    },
    "format=safetensors, append_info with str": DeliberateDifference("It is refused when the configuration is made.") {
        #expect(throws: CheckpointConfigError.cannotAppend(name: "s", format: .safetensors)) {
            _ = try CheckpointConfig(appendInfo: [["s": "hello"]], format: .safetensors)
        }
    },
    "save with enc_key=b'000000000000000'": refusedKey(15),
    "save with enc_key=b''": refusedKey(0),
    "save with remove_redundancy=True": DeliberateDifference("One rank saves everything, whatever is configured.") {
        let run = SavingRun(epochs: 1)
        try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 4, removeRedundancy: true))])
        #expect(run.names() == ["CKP-1_4.ckpt"])
    },
    "Model.eval with ModelCheckpoint": DeliberateDifference("Nothing is saved in an evaluation, and nothing fails.") {
        let run = SavingRun()
        _ = try smallModel().eval(smallLoader(steps: 2), callbacks: [run.checkpoint()])
        #expect(run.names() == [])
    },
    "directory removed during training": DeliberateDifference("The directory is made again.") {
        let run = SavingRun()
        let removing = Actor(.trainStepEnd) { context in
            guard context.originalArgs().curStepNum == 5 else { return }
            for name in try run.disk.names(in: output) { try run.disk.remove(output.appending(name)) }
        }
        try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 4)), removing])
        #expect(run.names() == ["CKP-2_4.ckpt", "CKP-3_4.ckpt"])
    },
    "GRAPH_MODE: -graph.meta written once": noGraph,
    "GRAPH_MODE pre-existing CKP-1_1.ckpt": noGraph,
]

private let usedAgain = DeliberateDifference("The object counts anew, and the second run has a prefix of its own.") {
    let run = SavingRun()
    let checkpoint = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 6))
    for _ in 1...2 { try run.train([checkpoint]) }
    #expect(run.names() == ["CKP-2_2.ckpt", "CKP-3_4.ckpt", "CKP_1-2_2.ckpt", "CKP_1-3_4.ckpt"])
}

private let noGraph = DeliberateDifference(
    "-graph.meta is a by-product of MindSpore's graph mode that no loader reads."
) {
    let run = SavingRun()
    try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 6))])
    #expect(try run.disk.names(in: output).filter { $0.hasSuffix(".meta") } == [])
}

private func refusedEarly(_ info: AppendInfo, _ error: CheckpointConfigError) -> DeliberateDifference {
    DeliberateDifference("It is refused when the configuration is made.") {
        #expect(throws: error) { _ = try CheckpointConfig(appendInfo: [info]) }
    }
}

private func refusedKey(_ count: Int) -> DeliberateDifference {
    DeliberateDifference("A key of a wrong length is refused when it is made.") {
        #expect(throws: EncryptionError.self) { _ = try EncryptionKey([UInt8](repeating: 0, count: count).span) }
    }
}

private let typed = "Swift's types exclude the value."

/// The cases of `checkpoint_names.json` that cannot be written down in Swift, with the reason.
let namesNotExpressible: [String: String] = [
    "callable prefix returns int": typed,
    "append_info int too large for int64": typed,
    "format='abc'": typed,
    "format=''": typed,
    "save with enc_key=b'0000000000000000', enc_mode='AES'": typed,
    "save with enc_mode='AES'": typed,
    "sink_size=2 dataset_sink_mode=True on CPU (batch_num=2 -> wrong step in name)":
        "There is no data sinking on a processor, hence no argument for it.",
]
