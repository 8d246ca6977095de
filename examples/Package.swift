// swift-tools-version: 6.2
import PackageDescription

// Programs as somebody else may write them, in a package that depends on Lockstep. In one of yours, name it by its address:
// .package(url: "https://…/lockstep", from: "0.1.0").
let lockstep = Target.Dependency.product(name: "Lockstep", package: "lockstep")
let commandLine: [Target.Dependency] = [
    lockstep, .product(name: "RunsCommandLine", package: "lockstep"),
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
]

let package = Package(
    name: "lockstep-examples",
    dependencies: [
        .package(name: "lockstep", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // The shortest program with a command line.
        .executableTarget(name: "Curves", dependencies: commandLine),
        // A CSV file, a layer and a callback of one's own.
        .executableTarget(name: "Regression", dependencies: commandLine, exclude: ["houses.csv"]),
        // Samples, a loss, a metric and a learning rate of one's own.
        .executableTarget(name: "Spirals", dependencies: commandLine),
        // An operation, a layer on it and an optimizer of one's own.
        .executableTarget(name: "Waves", dependencies: commandLine),
        // A program without a command line.
        .executableTarget(name: "Digits", dependencies: [lockstep]),

        // Somebody's own checkpoint code, on a disk that fails and with ranks that are threads.
        .testTarget(
            name: "CheckpointCodeTests",
            dependencies: [
                lockstep, .product(name: "CheckpointsTestKit", package: "lockstep"),
                .product(name: "CollectivesTestKit", package: "lockstep"),
            ]),
        // Runs the programs, stops them and carries them on.
        .testTarget(name: "ExampleTests", dependencies: ["Curves", "Digits", "Regression", "Spirals", "Waves"]),
    ],
    swiftLanguageModes: [.v6]
)
