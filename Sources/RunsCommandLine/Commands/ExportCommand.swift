import ArgumentParser
import Lockstep
import SystemPackage
import Terminal

/// `export` of a program: writes a saved network for others.
struct ExportCommand<Program: TrainingProgram>: SavedNetworkCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export", abstract: "Write a saved network as MindIR, which MindSpore runs without Lockstep.",
            discussion: """
                What was saved by several ranks, each with its part of the network, is put together. With a key, what is \
                written is encrypted like what is read.
                """)
    }

    @Option(help: ConfigurationOption.help)
    var config: String?

    @OptionGroup var program: Program

    @Option(help: "The kind of file: \(NetworkFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = NetworkFormat.mindir

    @Option(
        help: ArgumentHelp(
            "What to export: the manifest of a checkpoint, or a .ckpt, .safetensors or .mindir file.",
            valueName: "checkpoint"))
    var from: NetworkSource

    @Option(
        help: ArgumentHelp(
            "The file to write. (default: the name of the network's checkpoints with .mindir, here)", valueName: "file")
    )
    var output: String?

    @Flag(help: "Replace the file if it is there.")
    var force = false

    @Option(help: ArgumentHelp("How many samples it takes at a time.", valueName: "number|free"))
    var batchSize = BatchSize(batch: .free)

    @OptionGroup var form: NetworkFileOptions
    @OptionGroup var key: KeyOptions

    @Option(help: "How to encrypt: \(EncryptionMode.allCases.map(\.rawValue).joined(separator: ", ")).")
    var encMode = EncryptionMode.aesGCM

    @Flag(help: "Do not encrypt what is written, though there is a key.")
    var plain = false

    func run(_ launch: Launch) throws -> ExitStatus {
        let world = launch.world
        let requests = try StopRequests(
            to: Launch.stopSignals, StopOptions(sources: launch.stopSources(whenOrphaned: true)), in: world,
            surroundings: launch.surroundings)
        let secret = try world.together { try key.load() }
        // One rank holds the network, whole, and writes it; the others wait for it.
        let subject = try world.together { world.rank == 0 ? try prepare() : nil }
        try refuseIfStopped(requests)
        let source = try world.together {
            try subject.map { try from.load(into: $0.network, in: SoloCommunicator(), key: secret) }
        }
        try refuseIfStopped(requests)
        let path = try world.together { try subject.map { try write($0, secret, requests) } }
        if let source, let path { Console(rank: world.rank).say("\(source), written to \(path)") }
        return .success
    }

    private func refuseIfStopped(_ requests: StopRequests) throws {
        try requests.agree()
        if let stop = requests.stop { throw ExportStopped(request: stop.record.explanation ?? "\(stop.reason)") }
    }

    /// What is exported.
    private struct Subject {
        let network: any Cell
        let loss: (any Loss)?
        let columns: [DataColumn]
        let batch: MindIROptions.Batch
        let path: FilePath

        /// The network as it is now; before it is loaded, without its values.
        func traced() throws -> MindIRModel {
            try MindIRModel(of: network, lossFn: loss, columns: columns, batch: batch)
        }
    }

    /// Makes the network, which takes no memory yet, and finds out what can be told without its values.
    private func prepare() throws -> Subject {
        let alone = SoloCommunicator()
        let task = try program.task(in: TaskSetting(world: alone))
        let samples = try task.testData(in: alone) ?? task.data(in: alone)
        let subject = Subject(
            network: task.network, loss: form.includeLoss ? task.loss : nil, columns: samples.dataset.columns,
            batch: batchSize.batch, path: FilePath(text: output ?? "\(task.name).mindir"))
        try checkFiles(of: subject.traced(), as: subject.path)
        return subject
    }

    /// Throws if MindSpore would not load the files of a model, or one is there already.
    private func checkFiles(of model: MindIRModel, as path: FilePath) throws {
        guard path.extension == "mindir", let name = path.stem else {
            throw ValidationError("--output is \(path); its name must end in .mindir, or MindSpore would not load it")
        }
        let folder = folder(of: path)
        for file in try model.files(named: name, externalLimit: form.externalDataLimit) {
            guard !force, try LocalFileSystem().status(of: folder.appending(file.path)) != nil else { continue }
            throw ValidationError("\(folder.appending(file.path)) is there already; --force replaces it")
        }
    }

    private func folder(of path: FilePath) -> FilePath {
        let directory = path.removingLastComponent()
        return directory.isEmpty ? "." : directory
    }

    /// Writes the files of a model and returns the path of the one to load.
    private func write(
        _ subject: Subject, _ key: EncryptionKey?, _ requests: StopRequests
    ) throws -> FilePath {
        let encryption = try plain ? nil : key.map { try Encryption(key: $0, mode: encMode) }
        let (name, folder) = (subject.path.stem ?? "", folder(of: subject.path))
        return try subject.traced().save(as: name, in: folder, externalLimit: form.externalDataLimit) { file, path in
            if let request = requests.ownRequest { throw ExportStopped(request: request) }
            guard let encryption else { return file }
            return EncryptingFile(file, path: path, encryption: encryption)
        }
    }
}

/// An export that was asked to stop: there is no file that a script could go on with.
struct ExportStopped: Error, CustomStringConvertible {
    let request: String

    var description: String { "stopped as asked (\(request)), before the network was written; nothing is left behind" }
}

/// The kinds of files that a network can be exported to.
enum NetworkFormat: String, CaseIterable, ExpressibleByArgument {
    case mindir
}

/// How many samples an exported network takes: a number, or "free" for any.
struct BatchSize: ExpressibleByArgument, CustomStringConvertible {
    let batch: MindIROptions.Batch

    init(batch: MindIROptions.Batch) {
        self.batch = batch
    }

    init?(argument: String) {
        guard argument != "free" else {
            self.init(batch: .free)
            return
        }
        guard let count = Int(argument), (1...RunOptions.largestBatch).contains(count) else { return nil }
        self.init(batch: .samples(count))
    }

    var description: String {
        switch batch {
        case .free: "free"
        case .samples(let count): "\(count)"
        }
    }
}
