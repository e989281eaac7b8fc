/// How log lines look. Under systemd the lines of `text` go to the journal with native fields.
package enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}
