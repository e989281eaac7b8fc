extension Unicode.Scalar {
    /// Control characters, and the format characters that set the direction of writing or join invisibly.
    package var isTricky: Bool {
        if (0x20..<0x7F).contains(value) { return false }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
        default: false
        }
    }
}

extension String {
    /// For people to read: what could steer a terminal, reorder a line or hide in it is made visible, as `\u{202e}`.
    package var visible: String {
        guard unicodeScalars.contains(where: \.isTricky) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isTricky {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    /// A text of the API's own as a sentence quotes it: visible, and not much of it.
    package var quoted: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(128))).visible
    }

    /// One cell of a CSV file: always in quotes, and with an apostrophe before what a spreadsheet would take for a
    /// formula (OWASP, "CSV Injection"; the wide forms of the signs included).
    package var csvCell: String {
        let text = visible
        let start = text.unicodeScalars.first { !$0.properties.isWhitespace }
        let isFormula = start.map { "=+-@＝＋－＠|%".unicodeScalars.contains($0) } ?? false
        // Scalar by scalar: with a combining mark after it, a quotation mark is no quotation mark to Swift's strings.
        let quoted = text.unicodeScalars.reduce(into: isFormula ? "'" : "") { output, scalar in
            if scalar == "\"" { output.unicodeScalars.append(scalar) }
            output.unicodeScalars.append(scalar)
        }
        return "\"\(quoted)\""
    }

    /// A JSON string that is harmless in a terminal, an editor and a web page too: the same value when it is read.
    package var harmlessJSON: String {
        let text = JSONText(string: self).text
        guard text.unicodeScalars.contains(where: { $0.isTricky || $0 == "<" || $0 == ">" || $0 == "&" }) else {
            return text
        }
        return text.unicodeScalars.reduce(into: "") { output, scalar in
            if scalar.isTricky || scalar == "<" || scalar == ">" || scalar == "&" {
                for unit in String(Character(scalar)).utf16 {
                    let digits = String(unit, radix: 16)
                    output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
    }

    /// Text within Markdown: every sign that means something there as a character reference, and links broken.
    package var markdown: String {
        visible.unicodeScalars.reduce(into: "") { output, scalar in
            let endsWWW = scalar == "." && String(decoding: output.utf8.suffix(3), as: UTF8.self).lowercased() == "www"
            if endsWWW || "\\`*_{}[]()<>#|!~&:\"'".unicodeScalars.contains(scalar) {
                output += "&#\(scalar.value);"
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
    }
}
