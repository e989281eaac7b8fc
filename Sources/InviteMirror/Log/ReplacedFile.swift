import Foundation

/// Files that are there whole or not at all.
package enum ReplacedFile {
    /// Writes a file, in the place of one that may be there.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure(.database, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
