// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "invite-mirror",
    products: [
        .executable(name: "invite-mirror", targets: ["invite-mirror"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Values and pure functions: no package, no clock, no I/O. The compiler keeps it so.
        .target(name: "InviteCore"),
        .target(
            name: "InviteMirror",
            dependencies: [
                "InviteCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Store/SQL"), .embedInCode("Report/Templates")]
        ),
        .target(
            name: "AdminAPISimulator",
            dependencies: [
                "InviteCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "invite-mirror",
            dependencies: [
                "InviteCore", "InviteMirror", "AdminAPISimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            // A statically linked program exports all its symbols otherwise: 2 MiB in memory that nobody looks up.
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux], configuration: .release))
            ]
        ),
        // Simulated histories, which the log is held against: `swift run histories --seeds 10000`.
        .target(
            name: "HistorySimulation",
            dependencies: [
                "InviteCore", "InviteMirror", "AdminAPISimulator", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/HistorySimulation"
        ),
        .executableTarget(
            name: "histories",
            dependencies: ["HistorySimulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Histories"
        ),
        .testTarget(name: "HistoryTests", dependencies: ["HistorySimulation"]),
        // Answers that no honest API gives, over real HTTP, and a fuzzer (longer: FUZZ_SECONDS=600).
        .testTarget(
            name: "HostileTests",
            dependencies: [
                "AdminAPISimulator", "InviteCore", "InviteMirror", .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(name: "InviteCoreTests", dependencies: ["InviteCore"]),
        .testTarget(
            name: "InviteMirrorTests",
            dependencies: [
                "InviteMirror", "InviteCore", "AdminAPISimulator",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: ["invite-mirror", "InviteCore", "AdminAPISimulator"],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "AdminAPISimulatorTests",
            dependencies: [
                "AdminAPISimulator", "InviteCore", .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]
        ),
        // The promises that a reader of the README relies on; it runs the program, so that is built first.
        .testTarget(
            name: "TidyTests", dependencies: ["AdminAPISimulator", "InviteCore", "InviteMirror", "invite-mirror"]),
    ],
    swiftLanguageModes: [.v6]
)

// The benchmarks of single parts (`Tests/Benchmarks/parts`). Only who asks for them pays for the packages they need;
// they stand in this package because the parts that they measure are for this package alone.
if Context.environment["INVITE_MIRROR_BENCHMARKS"] == "1" {
    // Without its traits: their interposers are packages more.
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets += [
        .target(name: "AllocationCounter", path: "Tests/Benchmarks/AllocationCounter"),
        .executableTarget(
            name: "MirrorBenchmarks",
            dependencies: [
                "AdminAPISimulator", "AllocationCounter", "InviteCore", "InviteMirror",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Tests/Benchmarks/MirrorBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
    ]
}
