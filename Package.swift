// swift-tools-version: 6.2
import PackageDescription

// The layers: an import may only point down. See CONTRIBUTING.md for what each module holds. SwiftPM does not enforce
// this by itself: CI builds with `--explicit-target-dependency-import-check error`.

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Built by itself, this package has one version of each dependency, so that a build of tomorrow is that of today. As a
// dependency it leaves room for the versions of others.
let isRoot = !Context.packageDirectory.contains("/checkouts/")

func apple(_ name: String, _ version: Version) -> Package.Dependency { pinned("apple/\(name)", version) }

func pinned(_ name: String, _ version: Version) -> Package.Dependency {
    let url = "https://github.com/\(name)"
    return isRoot ? .package(url: url, exact: version) : .package(url: url, from: version)
}

// What the umbrella exports. Who imports the umbrella lists these too: it does not change when they do, and SwiftPM would
// not build its importers again.
let exported: [Target.Dependency] = [
    "CheckpointFiles", "Checkpoints", "Ciphers", "Collectives", "Datasets", "Drills", "EmbeddedData", "Execution",
    "Files", "Graphs", "LayerOperations", "Layouts", "Memory", "MindIR", "Models", "Networks", "Notices", "OpenMPI",
    "Pictures",
    "Records", "Reporting", "Runs", "Stopping", "Tensors", "Training", "Watching",
]

let package = Package(
    name: "lockstep",
    products: [
        .library(name: "Lockstep", targets: ["Lockstep"]),
        // For programs that train: a whole command line for a network.
        .library(name: "RunsCommandLine", targets: ["RunsCommandLine"]),
        // For programs that read and write checkpoint files without MPI.
        .library(name: "Checkpoints", targets: ["Checkpoints"]),
        // For tests of your own checkpoint code, with many ranks in one process.
        .library(name: "CollectivesTestKit", targets: ["CollectivesTestKit"]),
        .library(name: "CheckpointsTestKit", targets: ["CheckpointsTestKit"]),
        // For tests of what depends on time, without waiting for it.
        .library(name: "SurroundingsTestKit", targets: ["SurroundingsTestKit"]),
        .executable(name: "trainer", targets: ["trainer"]),
        .executable(name: "ckpt", targets: ["ckpt"]),
        // Without a cluster, or without breaking one: many ranks in one process, under faults from a seed.
        .library(name: "Simulation", targets: ["Simulation"]),
        .executable(name: "simulate", targets: ["simulate"]),
        // Plans how often to save: formulas, and runs that lose their machines, in no time.
        .library(name: "Goodput", targets: ["Goodput"]),
    ],
    dependencies: [
        apple("swift-argument-parser", "1.8.2"),
        apple("swift-log", "1.16.2"),
        apple("swift-protobuf", "1.39.0"),
        apple("swift-system", "1.8.1"),
        pinned("jpsim/Yams", "6.2.2"),
    ],
    targets: [
        // Layer 0: C libraries of the system
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "CAffinity"),
        .systemLibrary(name: "CProcessor"),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CTurboJPEG", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        // Notes signals from before `main`, in the programs that train.
        .target(name: "CEarlySignals"),

        // Layer 0: no imports of ours but Memory
        .target(name: "Memory"),
        .target(name: "Layouts"),
        .target(name: "Collectives", dependencies: ["Memory"]),
        .target(name: "Files", dependencies: ["CAffinity", "CXXHash", "CZlib", "Memory", systemPackage]),
        .target(name: "Kernels", dependencies: ["CProcessor", "Memory"]),
        // More of them, on the same vectors: what layers besides convolutions and attention compute.
        .target(name: "LayerKernels", dependencies: ["CProcessor", "Kernels", "Memory"]),
        // Decodes pictures.
        .target(name: "Pictures", dependencies: ["CPNG", "CTurboJPEG"]),
        // How much of a run's time is work that stays.
        .target(name: "Goodput", dependencies: ["Records"]),
        // What manifests and status files say of a run, for all who write or read it.
        .target(name: "Records"),

        // Layer 1
        .target(name: "OpenMPI", dependencies: ["CMPI", "Collectives", "Files", "Memory"]),
        .target(name: "Tensors", dependencies: ["Kernels", "Memory"]),
        .target(name: "Wire", dependencies: ["Files", systemPackage]),

        // Layer 2
        .target(name: "Ciphers", dependencies: ["COpenSSL", "Files", "Wire", systemPackage]),
        .target(
            name: "Graphs",
            dependencies: ["Collectives", "Kernels", "LayerKernels", "Layouts", "Memory", "Tensors"]),
        .target(
            name: "LayerOperations",
            dependencies: ["Collectives", "Graphs", "Kernels", "LayerKernels", "Memory", "Tensors"]),
        .target(
            name: "Execution", dependencies: ["Collectives", "Files", "Graphs", "Kernels", "Memory", "Tensors"]),

        // Layer 3
        .target(
            name: "Networks", dependencies: ["Graphs", "LayerOperations", "Layouts", "Memory", "Tensors"]),
        .target(name: "Models", dependencies: ["Graphs", "LayerOperations", "Memory", "Networks", "Tensors"]),
        .target(
            name: "CheckpointFiles",
            dependencies: ["Ciphers", "Files", "Layouts", "Memory", "Tensors", "Wire", systemPackage]),
        .target(
            name: "Checkpoints",
            dependencies: [
                "CheckpointFiles", "Ciphers", "Collectives", "Files", "Layouts", "Memory", "Records", "Tensors", "Wire",
                systemPackage,
            ]),
        .target(
            name: "MindIR",
            dependencies: ["Files", "Graphs", "Memory", "Tensors", "Wire", protobuf, systemPackage],
            exclude: ["Messages/mind_ir.proto"]),

        .target(
            name: "Datasets",
            dependencies: ["Collectives", "Files", "Memory", "Pictures", "Records", "Tensors", systemPackage]),
        .target(
            name: "EmbeddedData", dependencies: ["Datasets", "Files", "Memory", "Tensors", systemPackage],
            exclude: ["Resources"]),
        .target(
            name: "Stopping",
            dependencies: ["Collectives", "Files", "Layouts", "Memory", "Records", logging, systemPackage]),

        // Layer 4
        // Who says that a machine is about to be taken away: commands, files, the metadata services of clouds.
        .target(name: "Notices", dependencies: ["Collectives", "Files", "Stopping", logging, systemPackage]),
        .target(
            name: "Watching",
            dependencies: ["Collectives", "Execution", "Files", "Graphs", systemPackage]),
        .target(name: "Drills", dependencies: ["Files", "Stopping", systemPackage]),
        .target(
            name: "Training",
            dependencies: [
                "Checkpoints", "Collectives", "Datasets", "Execution", "Files", "Graphs", "LayerOperations", "Layouts",
                "Memory", "Models", "Networks", "Records", "Stopping", "Tensors", "Watching", logging, systemPackage,
            ]),

        // What a run says of itself, for people and schedulers: its status, and the account of its time.
        .target(
            name: "Reporting",
            dependencies: [
                "Checkpoints", "Collectives", "Files", "Goodput", "Records", "Stopping", "Training", "Watching",
                logging,
                systemPackage,
            ]),

        // Layer 5
        .target(
            name: "Runs",
            dependencies: [
                "Checkpoints", "Ciphers", "Collectives", "Datasets", "Drills", "Execution", "Files", "Goodput",
                "Graphs", "Layouts", "Memory", "MindIR", "Networks", "Records", "Reporting", "Stopping", "Tensors",
                "Training", "Watching", logging, systemPackage,
            ]),

        // Layer 6
        .target(name: "Lockstep", dependencies: exported + ["Kernels", systemPackage]),
        .target(name: "Terminal", dependencies: ["Checkpoints", "Ciphers", "Files", argumentParser, systemPackage]),
        .target(
            name: "RunsCommandLine",
            dependencies: [
                "CEarlySignals", "Kernels", "Lockstep", "Simulation", "Terminal", argumentParser, logging,
                systemPackage, yams,
            ] + exported),
        .executableTarget(
            name: "trainer",
            dependencies: ["Lockstep", "RunsCommandLine", "Terminal", argumentParser, systemPackage] + exported),
        .executableTarget(
            name: "ckpt",
            dependencies: [
                "Checkpoints", "Ciphers", "Collectives", "Files", "Layouts", "Memory", "MindIR", "Tensors", "Terminal",
                argumentParser, systemPackage,
            ]),
        .executableTarget(
            name: "bench",
            dependencies: [
                "COpenBLAS", "Kernels", "Lockstep", "Terminal", argumentParser, systemPackage,
            ] + exported,
            exclude: ["Peers"]),

        .executableTarget(
            name: "drill",
            dependencies: [
                "Checkpoints", "Drills", "Files", "Goodput", "RandomTestKit", "RankTestKit", "Records", "Stopping",
                argumentParser,
                systemPackage,
            ]),

        .target(
            name: "DiskSimulation", dependencies: ["CheckpointsTestKit", "Files", "RandomTestKit", systemPackage]),
        .target(
            name: "Simulation",
            dependencies: [
                "CheckpointFiles", "Checkpoints", "Ciphers", "Collectives", "Datasets", "DiskSimulation", "Drills",
                "Execution", "Files", "Graphs", "Memory", "Networks", "RandomTestKit", "Records", "Runs", "Stopping",
                "SurroundingsTestKit", "Tensors", "Training", systemPackage,
            ]),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "Checkpoints", "Files", "Goodput", "Simulation", "Stopping", "Terminal", argumentParser, logging,
                systemPackage,
            ]),

        // Test kits
        .target(
            name: "CollectivesTestKit", dependencies: ["Collectives", "Memory"],
            path: "Sources/TestKits/CollectivesTestKit"),
        .target(
            name: "CheckpointsTestKit",
            dependencies: ["Checkpoints", "Ciphers", "Files", "Memory", "Tensors", systemPackage],
            path: "Sources/TestKits/CheckpointsTestKit"),
        .target(
            name: "SurroundingsTestKit", dependencies: ["Files", "RandomTestKit"],
            path: "Sources/TestKits/SurroundingsTestKit"),
        .target(name: "RandomTestKit", path: "Sources/TestKits/RandomTestKit"),
        .target(name: "RankTestKit", path: "Sources/TestKits/RankTestKit"),
        .target(name: "MPITestKit", dependencies: ["RankTestKit"], path: "Sources/TestKits/MPITestKit"),
        .target(
            name: "MindSporeTestKit",
            dependencies: [
                "Checkpoints", "Ciphers", "Execution", "Files", "Graphs", "Memory", "MindIR", "Tensors", systemPackage,
            ],
            path: "Sources/TestKits/MindSporeTestKit"),

        // Tests
        .testTarget(name: "GoodputTests", dependencies: ["Goodput", "RankTestKit", "simulate"]),
        .testTarget(name: "LayoutsTests", dependencies: ["Layouts", "RandomTestKit"]),
        .testTarget(name: "FilesTests", dependencies: ["Files", "Memory", "SurroundingsTestKit", systemPackage]),
        .testTarget(name: "CollectivesTests", dependencies: ["Collectives", "CollectivesTestKit", "Memory"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "LayerKernels", "Memory", "SanitizerLock"]),
        // Shows a sanitizer the locks of the program it is linked to.
        .target(name: "SanitizerLock", path: "Tests/SanitizerLock", publicHeadersPath: "."),
        // Counts allocations; it replaces malloc in the program it is linked to.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter", publicHeadersPath: "."),
        .testTarget(
            name: "GraphsTests",
            dependencies: [
                "AllocationCounter", "Collectives", "CollectivesTestKit", "Execution", "Graphs", "Kernels",
                "LayerKernels", "LayerOperations", "Memory", "Models", "Networks", "RandomTestKit", "Tensors",
            ]),
        .testTarget(
            name: "NetworksTests",
            dependencies: [
                "Execution", "Graphs", "LayerOperations", "Memory", "MindSporeTestKit", "Models", "Networks", "Tensors",
            ]),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: [
                "COpenSSL", "CheckpointFiles", "Checkpoints", "CheckpointsTestKit", "Ciphers", "Collectives",
                "CollectivesTestKit",
                "Files", "Layouts", "Memory", "MindSporeTestKit", "RandomTestKit", "Records", "SurroundingsTestKit",
                "Tensors",
                systemPackage,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "MindIRTests",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Ciphers", "Collectives", "Execution", "Files", "Graphs",
                "LayerOperations", "Memory", "MindIR", "MindSporeTestKit", "Models", "Networks", "RandomTestKit",
                "Tensors", systemPackage,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Ciphers", "Collectives", "CollectivesTestKit", "Datasets",
                "Drills", "EmbeddedData", "Execution", "Files", "Graphs", "LayerOperations", "Layouts", "Memory",
                "MindIR", "MindSporeTestKit", "Models", "Networks", "Records", "Reporting", "Runs", "Stopping",
                "SurroundingsTestKit", "Tensors", "Training", "Watching", logging, systemPackage,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "DatasetsTests",
            dependencies: [
                "Collectives", "CollectivesTestKit", "Datasets", "EmbeddedData", "Files", "Memory", "MindSporeTestKit",
                "Pictures", "Records", "Tensors", systemPackage,
            ]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Collectives", "CollectivesTestKit", "DiskSimulation", "Drills",
                "Files", "RandomTestKit", "RankTestKit",
                "Runs", "Simulation", "Stopping", "SurroundingsTestKit", "simulate", systemPackage,
            ]),
        // Reads the sources.
        .testTarget(name: "TidyTests"),
        .testTarget(
            name: "StoppingTests",
            dependencies: [
                "CheckpointsTestKit", "Collectives", "Files", "Stopping", "SurroundingsTestKit", logging, systemPackage,
            ]),
        .testTarget(name: "DrillsTests", dependencies: ["Drills"]),
        .testTarget(
            name: "NoticesTests",
            dependencies: [
                "CheckpointsTestKit", "Collectives", "CollectivesTestKit", "Files", "Notices", "Stopping",
                "SurroundingsTestKit", systemPackage,
            ]),
        .testTarget(
            name: "WatchingTests",
            dependencies: [
                "CheckpointsTestKit", "Collectives", "Execution", "Files", "Graphs", "Tensors", "Watching",
                systemPackage,
            ]),
        .executableTarget(
            name: "RankCases",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Ciphers", "Collectives", "CollectivesTestKit", "Datasets",
                "Execution", "Files", "Graphs", "Layouts", "Lockstep", "Memory", "Models", "Networks", "OpenMPI",
                "Runs", "Tensors", "Training", systemPackage,
            ],
            path: "Tests/RankCases"),
        // A program as somebody else may write it, with mistakes.
        .executableTarget(
            name: "ProgramCases", dependencies: ["Lockstep", "RunsCommandLine", argumentParser] + exported,
            path: "Tests/ProgramCases"),
        .testTarget(
            name: "CkptTests",
            dependencies: [
                "Checkpoints", "Ciphers", "Collectives", "CollectivesTestKit", "Files", "Graphs", "Layouts", "Memory",
                "MindIR", "RankTestKit", "SurroundingsTestKit", "Tensors", "ckpt", systemPackage,
            ]),
        .testTarget(name: "RankTests", dependencies: ["CollectivesTestKit", "MPITestKit", "OpenMPI", "RankCases"]),
        .testTarget(
            name: "TrainerTests",
            dependencies: [
                "Checkpoints", "Ciphers", "Datasets", "Drills", "EmbeddedData", "Files", "Goodput", "Graphs",
                "MPITestKit", "Memory", "MindIR", "MindSporeTestKit", "Models", "Networks", "ProgramCases",
                "RankCases", "Records", "Runs", "Stopping", "Tensors", "Training", "drill", "simulate", "trainer",
                systemPackage,
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// One set of settings for every target: strict memory safety is an error everywhere, so the word `unsafe` marks each
// door to raw memory, C or the system.
let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

// The kernels alone are built for one instruction set, and optimised in debug builds too: Swift has no per-function
// target. Since tools version 6.2 these flags hold in a package that depends on this one by URL and version, too.
// (Not -Ounchecked: the compiler refuses it beside strict memory safety. Loops behind the doors use addresses anyway.)
let architecture = Context.environment["LOCKSTEP_ARCH"] ?? "native"
let kernelSettings: [SwiftSetting] = [
    // Without -fno-math-errno a square root is a function call that may set errno, and no vector instruction.
    .unsafeFlags(["-O", "-Xcc", "-march=\(architecture)", "-Xcc", "-fno-math-errno"])
]

for target in package.targets where target.type != .system {
    target.swiftSettings = settings + (target.name.hasSuffix("Kernels") ? kernelSettings : [])
}
