// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody's first build of the mirror pays for what only measures it.

// The mirror's parts are for its own package alone; the benchmarks are compiled as if they were in it. SwiftPM names a
// package at a path after its folder.
let folder = Context.packageDirectory.split(separator: "/").dropLast(2).last ?? ""
let mirrorPackage = folder.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()

let package = Package(
    name: "invite-mirror-benchmarks",
    dependencies: [
        .package(name: "invite-mirror", path: "../.."),
        // Without its traits: their interposers are packages more, and count for malloc only what they replace.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "AllocationCounter", path: "AllocationCounter"),
        .executableTarget(
            name: "MirrorBenchmarks",
            dependencies: [
                "AllocationCounter",
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "InviteCore", package: "invite-mirror"),
                .product(name: "InviteMirror", package: "invite-mirror"),
            ],
            path: "MirrorBenchmarks",
            swiftSettings: [.unsafeFlags(["-package-name", mirrorPackage])],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
