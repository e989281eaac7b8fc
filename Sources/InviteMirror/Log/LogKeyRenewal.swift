import GRDB

/// Has a log go on with another key, because somebody says so.
struct LogKeyRenewal {
    let database: String
    let environment: [String: String]

    /// Takes the key that lies where the log's own should lie, or makes a new one where there is none, or where the
    /// log's own lies in the file. `log_key` names it from then on, so that `verify` knows it and those before it.
    ///
    /// - Throws: a ``Failure`` if nothing is signed yet, or the key has signed this log before.
    func renew(_ db: Database) throws -> LogSigner {
        guard let expected = try LogKeys.current(db) else {
            throw Failure(
                .usage,
                "nothing is signed yet: the first pass signs with the key that is there, or makes one; nothing was done"
            )
        }
        let signer = try candidate(expected, known: try LogKeys.all(db))
        try db.inTransaction(.immediate) {
            // A key that was named before and never signed is forgotten.
            try db.run("DELETE FROM log_key WHERE first_pass_id > (SELECT max(pass_id) FROM log_checkpoint)")
            let next = try db.integer("SELECT max(id) + 1 FROM sync_pass")
            try LogKeys.note(signer.verifierKey, pass: next, in: db)
            return .commit
        }
        return signer
    }

    private func candidate(_ expected: LogVerifierKey, known: [String]) throws -> LogSigner {
        guard let found = try LogKeyFile.find(database: database, environment: environment) else {
            return try LogKeyFile.create(database: database, name: expected.name)
        }
        let key = found.signer.verifierKey
        if key == expected {
            guard found.isCredential else { return try LogKeyFile.create(database: database, name: expected.name) }
            throw Failure(
                .configuration,
                """
                \(found.source) is the key that the log has now (\(key)); nothing was done. Put the new one into the \
                credential first; or take the credential away, and a new one is made in \(database).key
                """)
        }
        guard !known.contains(key.description) else {
            throw Failure(
                .configuration,
                """
                \(found.source) has signed this log before (\(key)), and a log does not go back to an older key; \
                nothing was done. Put the key that it has now back (\(expected)), or take this one away for a new one
                """)
        }
        return found.signer
    }
}
