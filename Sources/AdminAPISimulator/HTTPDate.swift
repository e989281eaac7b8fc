import InviteCore

/// Spells HTTP dates: `Wed, 30 Oct 2024 23:58:27 GMT`.
///
/// Source: RFC 9110, section 5.6.7.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(of instant: Timestamp) -> String {
        // The canonical spelling has a fixed width: 2024-10-30T23:58:27.427722Z
        let text = Array(instant.description)
        let days = (instant - Timestamp(microseconds: 0)).components.seconds / 86400
        let weekday = weekdays[Int((days % 7 + 7) % 7)]
        let month = months[(Int(String(text[5..<7])) ?? 1) - 1]
        return "\(weekday), \(String(text[8..<10])) \(month) \(String(text[0..<4])) \(String(text[11..<19])) GMT"
    }
}
