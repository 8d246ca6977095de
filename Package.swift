// swift-tools-version: 6.2
import PackageDescription

// The layers: an import may only point down. See CONTRIBUTING.md for what each module holds. SwiftPM does not enforce
// this by itself: CI builds with `--explicit-target-dependency-import-check error`.

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

// Built by itself, this package has one version of each dependency, so that a build of tomorrow is that of today. As a
// dependency it leaves room for the versions of others.
let isRoot = !Context.packageDirectory.contains("/checkouts/")

func apple(_ name: String, _ version: Version) -> Package.Dependency {
    let url = "https://github.com/apple/\(name)"
    return isRoot ? .package(url: url, exact: version) : .package(url: url, from: version)
}

// What the umbrella exports. Who imports the umbrella lists these too: it does not change when they do, and SwiftPM would
// not build its importers again.
let exported: [Target.Dependency] = [
    "Checkpoints", "Collectives", "Files", "Graphs", "Layouts", "Memory", "MindIR", "Networks", "OpenMPI", "Tensors",
    "Training",
]

let package = Package(
    name: "lockstep",
    products: [
        .library(name: "Lockstep", targets: ["Lockstep"]),
        .library(name: "CheckpointsTestKit", targets: ["CheckpointsTestKit"]),
        .executable(name: "trainer", targets: ["trainer"]),
        .executable(name: "ckpt", targets: ["ckpt"]),
    ],
    dependencies: [
        apple("swift-argument-parser", "1.8.2"),
        apple("swift-log", "1.16.2"),
        apple("swift-protobuf", "1.39.0"),
        apple("swift-system", "1.8.1"),
    ],
    targets: [
        // Layer 0: C libraries of the system
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "CProcessor"),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        // Notes signals from before `main`, in the trainer alone.
        .target(name: "CEarlySignals"),

        // Layer 0: no imports of ours but Memory
        .target(name: "Memory"),
        .target(name: "Layouts"),
        .target(name: "Collectives", dependencies: ["Memory"]),
        .target(name: "Files", dependencies: ["CXXHash", "CZlib", systemPackage]),
        .target(name: "Kernels", dependencies: ["CProcessor", "Memory"]),

        // Layer 1
        .target(name: "OpenMPI", dependencies: ["CMPI", "Collectives", "Files", "Memory"]),
        .target(name: "Tensors", dependencies: ["Kernels", "Memory"]),
        .target(name: "Wire", dependencies: ["Files", systemPackage]),

        // Layer 2
        .target(name: "Graphs", dependencies: ["Collectives", "Kernels", "Layouts", "Memory", "Tensors"]),

        // Layer 3
        .target(name: "Networks", dependencies: ["Graphs", "Layouts", "Memory", "Tensors"]),
        .target(
            name: "Checkpoints",
            dependencies: ["COpenSSL", "Collectives", "Files", "Layouts", "Memory", "Tensors", "Wire", systemPackage]),
        .target(
            name: "MindIR", dependencies: ["Files", "Graphs", "Memory", "Tensors", "Wire", protobuf, systemPackage],
            exclude: ["Messages/mind_ir.proto"]),

        // Layer 4
        .target(
            name: "Training",
            dependencies: [
                "Checkpoints", "Collectives", "Files", "Graphs", "Layouts", "Memory", "MindIR", "Networks", "Tensors",
                logging, systemPackage,
            ],
            exclude: ["Data/Resources"]),

        // Layer 5
        .target(name: "Lockstep", dependencies: exported),
        .target(name: "Terminal", dependencies: ["Checkpoints", "Files", argumentParser, systemPackage]),
        .executableTarget(
            name: "trainer",
            dependencies: [
                "CEarlySignals", "Kernels", "Lockstep", "Terminal", argumentParser, logging, systemPackage,
            ] + exported),
        .executableTarget(
            name: "ckpt",
            dependencies: [
                "Checkpoints", "Collectives", "Files", "Layouts", "Memory", "MindIR", "Tensors", "Terminal",
                argumentParser, systemPackage,
            ]),
        .executableTarget(
            name: "bench",
            dependencies: [
                "COpenBLAS", "Checkpoints", "Collectives", "Files", "Kernels", "Layouts", "Lockstep", "Memory",
                "Tensors", "Terminal", "Training", argumentParser, systemPackage,
            ],
            exclude: ["Peers"]),

        .executableTarget(
            name: "drill",
            dependencies: [
                "Checkpoints", "Files", "RandomTestKit", "RankKit", "Training", argumentParser, systemPackage,
            ]),

        .executableTarget(name: "DigitsExample", dependencies: ["Lockstep"] + exported, path: "examples/Digits"),

        // Test kits
        .target(name: "CollectivesTestKit", dependencies: ["Collectives", "Memory"]),
        .target(
            name: "CheckpointsTestKit", dependencies: ["Checkpoints", "Files", "Memory", "Tensors", systemPackage]),
        .target(name: "RandomTestKit", path: "Tests/RandomTestKit"),
        .target(name: "RankKit", path: "Tests/RankKit"),
        .target(name: "MPITestKit", dependencies: ["RankKit"], path: "Tests/MPITestKit"),
        .target(
            name: "MindSporeTestKit",
            dependencies: ["Checkpoints", "Files", "Graphs", "Memory", "MindIR", "Tensors", systemPackage],
            path: "Tests/MindSporeKit"),

        // Tests
        .testTarget(name: "LayoutsTests", dependencies: ["Layouts", "RandomTestKit"]),
        .testTarget(name: "FilesTests", dependencies: ["Files", "Memory", systemPackage]),
        .testTarget(name: "CollectivesTests", dependencies: ["Collectives", "CollectivesTestKit", "Memory"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "Memory", "SanitizerLock"]),
        // Shows a sanitizer the locks of the program it is linked to.
        .target(name: "SanitizerLock", path: "Tests/SanitizerLock", publicHeadersPath: "."),
        // Counts allocations; it replaces malloc in the program it is linked to.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter", publicHeadersPath: "."),
        .testTarget(
            name: "GraphsTests",
            dependencies: [
                "AllocationCounter", "Collectives", "CollectivesTestKit", "Graphs", "Kernels", "Memory", "Networks",
                "RandomTestKit", "Tensors",
            ]),
        .testTarget(name: "NetworksTests", dependencies: ["Graphs", "Memory", "Networks", "Tensors"]),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: [
                "COpenSSL", "Checkpoints", "CheckpointsTestKit", "Collectives", "CollectivesTestKit", "Files",
                "Layouts", "Memory", "MindSporeTestKit", "RandomTestKit", "Tensors", systemPackage,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "MindIRTests",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Collectives", "Files", "Graphs", "Memory", "MindIR",
                "MindSporeTestKit", "Networks", "RandomTestKit", "Tensors", systemPackage,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Collectives", "CollectivesTestKit", "Files", "Graphs", "Layouts",
                "Memory", "MindIR", "MindSporeTestKit", "Networks", "Tensors", "Training", logging, systemPackage,
            ],
            exclude: ["Vectors"]),
        .executableTarget(
            name: "RankCases",
            dependencies: [
                "Checkpoints", "CheckpointsTestKit", "Collectives", "CollectivesTestKit", "Files", "Graphs", "Layouts",
                "Memory", "Networks", "OpenMPI", "Tensors", "Training", systemPackage,
            ],
            path: "Tests/RankCases"),
        .testTarget(
            name: "CkptTests",
            dependencies: [
                "Checkpoints", "Collectives", "CollectivesTestKit", "Files", "Graphs", "Layouts", "Memory", "MindIR",
                "Tensors", "ckpt", systemPackage,
            ]),
        .testTarget(name: "RankTests", dependencies: ["CollectivesTestKit", "MPITestKit", "OpenMPI", "RankCases"]),
        .testTarget(
            name: "TrainerTests",
            dependencies: [
                "Checkpoints", "DigitsExample", "Files", "Graphs", "MPITestKit", "Memory", "MindIR",
                "MindSporeTestKit", "Networks", "RankCases", "Tensors", "Training", "drill", "trainer", systemPackage,
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

// The kernels alone are built for one instruction set, and optimised in debug builds too. Swift has no per-function
// target, and SwiftPM refuses unsafe flags in a dependency, where the kernels are then built for the baseline processor.
// (Not -Ounchecked: the compiler refuses it beside strict memory safety. Loops behind the doors use addresses anyway.)
let architecture = Context.environment["LOCKSTEP_ARCH"] ?? "native"
let kernelSettings: [SwiftSetting] =
    // Without -fno-math-errno a square root is a function call that may set errno, and no vector instruction.
    isRoot ? [.unsafeFlags(["-O", "-Xcc", "-march=\(architecture)", "-Xcc", "-fno-math-errno"])] : []

for target in package.targets where target.type != .system {
    target.swiftSettings = settings + (target.name == "Kernels" ? kernelSettings : [])
}
