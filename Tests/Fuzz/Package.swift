// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that no other build is touched by it: everything here is built with AddressSanitizer and with
// the counters that guide libFuzzer. `launch/fuzz` builds and runs it.
let package = Package(
    name: "lockstep-fuzz",
    dependencies: [
        .package(name: "lockstep", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.0.0"),
    ],
    targets: [
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                .product(name: "CheckpointsTestKit", package: "lockstep"),
                .product(name: "Lockstep", package: "lockstep"),
                .product(name: "RunsCommandLine", package: "lockstep"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
