import GRDB
import InviteCore

/// Writes a report in one of its formats, piece by piece: a million changes do not stand in memory.
package struct ReportWriter {
    package enum Format: String, Sendable, CaseIterable { case html, json, csv, markdown }

    /// Changes that a page for people shows at the most; CSV and JSON have all of them.
    static let shownChanges = 2000
    /// Findings of one rule that it shows.
    static let shownFindings = 500

    /// Builds and writes in one read transaction.
    ///
    /// - Parameter write: takes the pieces in their order.
    /// - Returns: the report, of which the caller learns whether it is complete.
    package static func write(
        _ request: AuditReport.Request, as format: Format, reader: MirrorReader,
        write: @escaping (String) throws -> Void
    ) throws -> AuditReport {
        try reader.read { db in
            let builder = ReportBuilder(db, request)
            let report = try builder.build()
            try self.write(report, as: format, eachChange: builder.eachChange, write: write)
            return report
        }
    }

    typealias Changes = (_ limit: Int?, _ body: (AuditReport.Change) throws -> Void) throws -> Void

    static func write(
        _ report: AuditReport, as format: Format, eachChange: Changes, write: @escaping (String) throws -> Void
    ) throws {
        switch format {
        case .json: try ReportJSON(report: report).write(eachChange: eachChange, write)
        case .csv: try ReportCSV(report: report).write(eachChange: eachChange, write)
        case .markdown: try ReportMarkdown(report: report).write(eachChange: eachChange, write)
        case .html: try ReportHTML(report: report).write(eachChange: eachChange, write)
        }
    }
}
