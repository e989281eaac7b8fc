import InviteCore
import InviteMirror

/// Prints what a query gives, row by row: however many there are, only a few are in memory.
struct RowPrinter {
    private let reader: MirrorReader
    private let format: OutputFormat

    /// Rows whose widths are laid out together.
    private static let rowsTogether = 500

    init(reader: MirrorReader, format: OutputFormat) throws {
        self.reader = reader
        self.format = format
    }

    /// - Parameters:
    ///   - columns: the head of the text.
    ///   - cells: a row's cells, from its values by name.
    func print(_ query: MirrorQuery, columns: [String], cells: ([String: String]) -> [String]) throws {
        switch format {
        case .json: try printJSON(query)
        case .text: try printText(query, columns: columns, cells: cells)
        }
    }

    private func printJSON(_ query: MirrorQuery) throws {
        var separator = "["
        try reader.read { db in
            try db.run(query.sql, query.values) { row in
                Output.print(separator + row.json)
                separator = ","
            }
        }
        Output.print(separator == "[" ? "[]" : "]")
    }

    private func printText(_ query: MirrorQuery, columns: [String], cells: ([String: String]) -> [String]) throws {
        var table = TextTable(columns)
        var waiting = 0
        var isFirst = true
        func flush() {
            (isFirst ? table.lines : Array(table.lines.dropFirst())).forEach(Output.print)
            table = TextTable(columns)
            waiting = 0
            isFirst = false
        }
        try reader.read { db in
            try db.run(query.sql, query.values) { row in
                let names = (0..<row.columnCount).compactMap { column in row.text(column).map { (row.name(column), $0) }
                }
                table.add(cells(Dictionary(names) { $1 }))
                waiting += 1
                if waiting == Self.rowsTogether { flush() }
            }
        }
        if waiting > 0 || isFirst { flush() }
    }
}
