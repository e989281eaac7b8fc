import Foundation
import GRDB

/// Where the key that signs the log is kept.
enum LogKeyFile {
    private static let credential = "log-signing-key"

    /// A signing key, and where it comes from, in words.
    struct Found {
        let signer: LogSigner
        let source: String
        let isCredential: Bool
    }

    /// The systemd credential, else the file beside the database; nil if there is neither.
    ///
    /// - Parameter database: the database's path; the file has `.key` at the end.
    /// - Throws: a ``Failure`` if there is a key that cannot be read.
    static func find(database: String, environment: [String: String]) throws -> Found? {
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty {
            let path = "\(directory)/\(credential)"
            if FileManager.default.fileExists(atPath: path) {
                let source = "the credential \(credential)"
                return Found(signer: try read(path, source), source: source, isCredential: true)
            }
        }
        let path = database + ".key"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let source = "the key file \(path)"
        return Found(signer: try read(path, source), source: source, isCredential: false)
    }

    /// The signing key of a writer. A log that nothing has signed yet gets a new one if there is none; one that has a
    /// key goes on with that key alone, since an auditor must learn of another from people, not from the log.
    ///
    /// - Parameter expected: the key that the log goes on with, if it has one.
    /// - Throws: a ``Failure`` if the key is lost or another one, or cannot be read or written.
    static func signer(
        database: String, environment: [String: String], expected: LogVerifierKey?
    ) throws -> LogSigner {
        let found = try find(database: database, environment: environment)
        guard let expected else { return try found?.signer ?? create(database: database, name: nil) }
        guard let found else { throw missing(database, expected) }
        guard found.signer.verifierKey == expected else { throw other(found, expected) }
        return found.signer
    }

    private static func missing(_ database: String, _ expected: LogVerifierKey) -> Failure {
        Failure(
            .configuration,
            """
            the key that signs the log of \(database) is not there (\(expected)): neither the credential \
            \(credential) nor \(database).key. Nothing was done. What was signed stays valid. \(remedy)
            """)
    }

    private static func other(_ found: Found, _ expected: LogVerifierKey) -> Failure {
        Failure(
            .configuration,
            """
            \(found.source) is another key (\(found.signer.verifierKey)) than the one that signs this log \
            (\(expected)): it is of another mirror, or was made anew. Nothing was done. What was signed stays valid. \
            \(remedy)
            """)
    }

    private static let remedy = """
        Put the right key back. If it is lost, `invite-mirror log-key --renew` has the log go on with a new one, which \
        whoever checks the log must be told
        """

    private static func read(_ path: String, _ what: String) throws -> LogSigner {
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8),
            let signer = LogSigner(text.trimmed)
        else {
            throw Failure(
                .configuration,
                """
                \(what) is no signing key in the form PRIVATE+KEY+name+hash+key, or this user may not read it; nothing \
                was done. Put the right one back
                """)
        }
        return signer
    }

    /// Durable before the first signature: a key that a power cut took would leave a checkpoint that nobody can follow.
    ///
    /// - Parameter name: what the log is called; nil makes one of the key itself. A file that is there is replaced.
    static func create(database: String, name: String?) throws -> LogSigner {
        let path = database + ".key"
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
        // The new name is on the disk only when its folder is.
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreFailure.cannotOpen(path, errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw StoreFailure.cannotOpen(path, errno) }
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

    /// The key that the log goes on with: one that ``LogKeyRenewal`` named after the newest checkpoint, else
    /// the one that signed that; nil where nothing is signed yet.
    static func current(_ db: Database) throws -> LogVerifierKey? {
        guard let newest = try StoredCheckpoint.newest(db) else { return nil }
        let renewed = try db.first(
            "SELECT verifier_key FROM log_key WHERE first_pass_id > ?1 ORDER BY first_pass_id DESC LIMIT 1",
            [.integer(newest.pass)]
        ) { $0.text(0) }.flatMap { $0 }
        if let renewed { return LogVerifierKey(renewed) }
        // Of a checkpoint that holds for none of the keys `verify` tells; the newest of them is the best guess.
        let keys = try all(db).compactMap { LogVerifierKey($0) }
        return SignedNote(newest.note)?.signer(among: keys) ?? keys.last
    }

    static func note(_ key: LogVerifierKey, pass: Int, in db: Database) throws {
        try db.run(
            "INSERT INTO log_key (verifier_key, first_pass_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(key.description), .integer(pass)])
    }
}
