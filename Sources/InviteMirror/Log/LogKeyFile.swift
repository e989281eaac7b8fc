import Foundation
import GRDB

/// Where the key that signs the log is kept.
enum LogKeyFile {
    private static let credential = "log-signing-key"

    /// The signing key: the systemd credential, else the file beside the database, else a new one in such a file.
    ///
    /// - Parameters:
    ///   - database: the database's path; the file has `.key` at the end.
    ///   - name: what the log was called before, in case its key is lost.
    /// - Throws: a ``Failure`` if there is a key that cannot be read, or none can be written.
    static func signer(database: String, environment: [String: String], name: String?) throws -> LogSigner {
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty {
            let path = "\(directory)/\(credential)"
            if FileManager.default.fileExists(atPath: path) { return try read(path, "the credential \(credential)") }
        }
        let path = database + ".key"
        if FileManager.default.fileExists(atPath: path) { return try read(path, "the key file \(path)") }
        return try create(path, name: name)
    }

    private static func read(_ path: String, _ what: String) throws -> LogSigner {
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8),
            let signer = LogSigner(text.trimmed)
        else {
            throw Failure(
                .configuration,
                """
                \(what) is no signing key in the form PRIVATE+KEY+name+hash+key, or this user may not read it; nothing \
                was done. Put the right one back; without it a new one is made, and the log says so
                """)
        }
        return signer
    }

    /// Durable before the first signature: a key that a power cut took would leave a checkpoint that nobody can follow.
    private static func create(_ path: String, name: String?) throws -> LogSigner {
        let signer = LogSigner.generate(name: name)
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreFailure.cannotOpen(temporary, errno) }
        defer { close(descriptor) }
        fchmod(descriptor, 0o600)
        let bytes = Array((signer.secretText + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            rename(temporary, path) == 0
        else { throw StoreFailure.cannotOpen(path, errno) }
        return signer
    }
}

/// The rows of `log_key`.
enum LogKeys {
    static func all(_ db: Database) throws -> [String] {
        var keys: [String] = []
        try db.run("SELECT verifier_key FROM log_key ORDER BY first_pass_id, verifier_key") { row in
            keys.append(row.text(0) ?? "")
        }
        return keys
    }

    static func newestName(_ db: Database) throws -> String? {
        try all(db).last.flatMap { LogVerifierKey($0) }?.name
    }

    static func note(_ key: LogVerifierKey, pass: Int, in db: Database) throws {
        try db.run(
            "INSERT INTO log_key (verifier_key, first_pass_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(key.description), .integer(pass)])
    }
}
