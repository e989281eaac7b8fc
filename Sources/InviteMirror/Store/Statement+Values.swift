import GRDB
import GRDBSQLite
import InviteCore

/// What is bound to a statement. GRDB's own binding and reading of strings end at a NUL, which an API may send.
package enum SQLValue: Sendable {
    case integer(Int)
    case text(String)
    case bytes([UInt8])
    case null

    package static func optional(_ text: String?) -> SQLValue {
        text.map(SQLValue.text) ?? .null
    }

    package static func flag(_ isOn: Bool) -> SQLValue {
        .integer(isOn ? 1 : 0)
    }

    fileprivate var textCount: Int {
        if case .text(let text) = self { text.utf8.count } else { 0 }
    }
}

extension Database {
    /// Runs a statement, calling `row` for each row it gives.
    package func run(_ sql: String, _ values: [SQLValue] = [], row: (RowReader) throws -> Void = { _ in }) throws {
        try cachedStatement(sql: sql).run(values, row: row)
    }

    /// The first row that a query gives, made into a value.
    package func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (RowReader) throws -> Value
    ) throws -> Value? {
        var value: Value?
        try run(sql, values) { row in if value == nil { value = try make(row) } }
        return value
    }

    /// A single number, zero where there is none.
    package func integer(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        try first(sql, values) { $0.integer(0) } ?? 0
    }
}

extension Statement {
    func run(_ values: [SQLValue], row: (RowReader) throws -> Void = { _ in }) throws {
        // The texts stand in one place while the statement runs, so that SQLite needs no copy of each.
        let count = values.reduce(0) { $0 + $1.textCount }
        try withUnsafeTemporaryAllocation(byteCount: max(count, 1), alignment: 1) { room in
            defer { rewind() }
            var free = room
            for (index, value) in values.enumerated() { try bind(value, at: CInt(index + 1), textIn: &free) }
            while let current = try step() { try row(current) }
        }
    }

    /// The next row; nil behind the last.
    func step() throws -> RowReader? {
        let code = sqlite3_step(sqliteStatement)
        switch code {
        case SQLITE_ROW: return RowReader(statement: sqliteStatement)
        case SQLITE_DONE: return nil
        default: throw failure(code)
        }
    }

    /// Back to before the first row, with nothing bound.
    func rewind() {
        sqlite3_reset(sqliteStatement)
        sqlite3_clear_bindings(sqliteStatement)
    }

    func bind(_ number: Int, at index: CInt) throws {
        let code = sqlite3_bind_int64(sqliteStatement, index, Int64(number))
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func bind(_ value: SQLValue, at index: CInt, textIn free: inout UnsafeMutableRawBufferPointer) throws {
        let code =
            switch value {
            case .integer(let value): sqlite3_bind_int64(sqliteStatement, index, Int64(value))
            case .null: sqlite3_bind_null(sqliteStatement, index)
            case .text(let text): bind(text, at: index, in: &free)
            case .bytes(let bytes):
                bytes.withUnsafeBytes {
                    sqlite3_bind_blob(sqliteStatement, index, $0.baseAddress, CInt($0.count), Self.transient)
                }
            }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    // SQLITE_TRANSIENT: SQLite keeps a copy of its own.
    private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func bind(_ text: String, at index: CInt, in free: inout UnsafeMutableRawBufferPointer) -> CInt {
        var text = text
        return text.withUTF8 { bytes in
            free.copyMemory(from: UnsafeRawBufferPointer(bytes))
            let start = free.baseAddress?.assumingMemoryBound(to: CChar.self)
            free = UnsafeMutableRawBufferPointer(rebasing: free[bytes.count...])
            // Without a destructor, SQLite takes it that the text stays where it is.
            return sqlite3_bind_text(sqliteStatement, index, start, CInt(bytes.count), nil)
        }
    }

    private func failure(_ code: CInt) -> DatabaseError {
        let connection = sqlite3_db_handle(sqliteStatement)
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) }, sql: sql)
    }
}

/// The current row of a running statement; of no use after it.
package struct RowReader {
    fileprivate let statement: SQLiteStatement

    package var columnCount: Int { Int(sqlite3_column_count(statement)) }

    package func name(_ column: Int) -> String {
        String(cString: sqlite3_column_name(statement, CInt(column)))
    }

    package func integer(_ column: Int) -> Int {
        Int(sqlite3_column_int64(statement, CInt(column)))
    }

    package func real(_ column: Int) -> Double {
        sqlite3_column_double(statement, CInt(column))
    }

    /// The value as text; nil for NULL.
    package func text(_ column: Int) -> String? {
        withBytes(column) { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The canonical instant in a column that always holds one.
    package func instant(_ column: Int) -> Timestamp? {
        text(column).flatMap { Timestamp(rfc3339: $0) }
    }

    /// The bytes of a text, valid within `body` only; nil for NULL.
    func withBytes<Result>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>?) -> Result) -> Result {
        guard let start = sqlite3_column_text(statement, CInt(column)) else { return body(nil) }
        let count = Int(sqlite3_column_bytes(statement, CInt(column)))
        return body(UnsafeBufferPointer(start: start, count: count))
    }

    package enum Storage { case null, integer, real, text }

    package func storage(_ column: Int) -> Storage {
        switch sqlite3_column_type(statement, CInt(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        default: .text
        }
    }
}
