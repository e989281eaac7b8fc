import InviteCore

/// What a report says of a period, before it is laid out: the same database and arguments give the same report.
package struct AuditReport: Sendable {
    /// What is asked for.
    package struct Request: Sendable {
        package let from: Timestamp
        /// Not part of the period.
        package let to: Timestamp
        package let policy: Settings.Policy
        package let interval: Duration
        package let fullInterval: Duration
        /// Whether the whole log is verified for it.
        package let verifies: Bool

        package init(from: Timestamp, to: Timestamp, settings: Settings, verifies: Bool) {
            self.init(
                from: from, to: to, policy: settings.policy, interval: settings.interval,
                fullInterval: settings.fullInterval, verifies: verifies)
        }

        init(
            from: Timestamp, to: Timestamp, policy: Settings.Policy, interval: Duration, fullInterval: Duration,
            verifies: Bool
        ) {
            self.from = from
            self.to = to
            self.policy = policy
            self.interval = interval
            self.fullInterval = fullInterval
            self.verifies = verifies
        }
    }

    package let request: Request
    package let organizations: [String]
    package let schemaVersion: Int
    package let checkpoint: StoredCheckpoint?
    /// The keys that the log was signed with, as the database names them, the newest last.
    package let keys: [String]
    /// Nil where it was not asked for.
    package let verification: [Verification.Check]?
    package var passes: PassCounts
    package let gaps: [WatchGaps.Gap]
    package let ledger: OpenLedger
    package let findings: [Finding]
    package let statistics: Statistics
    /// Events observed in the period.
    package let changeCount: Int

    /// Whether the period was watched without a gap.
    package var isComplete: Bool { gaps.isEmpty }
    package var isVerified: Bool? { verification.map { $0.allSatisfy(\.passed) } }

    /// Passes that started in the period, by outcome.
    package struct PassCounts: Sendable {
        package var full = 0
        package var recent = 0
        package var failed = 0
        package var first: String?
        package var last: String?
        /// The start of the newest complete one before the period.
        package var before: String?
        /// Without the start of a complete pass, and of a full one.
        package var longest = Duration.zero
        package var longestWithoutFull = Duration.zero

        package var complete: Int { full + recent }
    }

    package struct Finding: Sendable {
        package let rule: Rule
        package let inviteID: String
        package let email: String?
        package let role: String?
        package let status: String?
        package let invitedAt: String?
        package let detail: String

        package enum Rule: String, CaseIterable, Sendable {
            case outsideDomain = "outside_domain"
            case privilegedRole = "privileged_role"
            case stale, repeated
            case goneAfterAccepted = "gone_after_accepted"
        }
    }

    /// One event of the period, as the list of changes shows it.
    package struct Change {
        package let seq: Int
        package let inviteID: String
        package let email: String?
        package let role: String?
        package let kind: InviteEvent.Kind
        package let field: String?
        package let oldValue: String?
        package let newValue: String?
        package let evidence: InviteEvent.Evidence
        package let notBefore: String?
        package let observedAt: String
        package let requestID: String?

        /// Whether nobody said so: the invite is only no longer there.
        package var isInferred: Bool { evidence == .notFound }
    }

    /// What the pictures show.
    package struct Statistics: Sendable, Equatable {
        /// Open invites at the ends of equal parts of the period; the first is the start.
        package var open: [Int] = []
        /// Pending invites that were accepted in the period, by the days from invitation to observation.
        package var acceptanceDays: [Int] = Array(repeating: 0, count: Self.acceptanceLabels.count)
        /// How invites that were open ended, by month (`2026-11`).
        package var months: [String: [OpenLedger.Outcome: Int]] = [:]

        package static let acceptanceLabels = [
            "under 1 hour", "1 to 24 hours", "1 to 3 days", "3 to 7 days", "7 to 14 days", "over 14 days",
        ]
        static let acceptanceLimits: [Duration] = [1, 24, 72, 168, 336].map { .seconds($0 * 3600) }
        static let parts = 120
    }
}

extension AuditReport.Finding.Rule {
    package var title: String {
        switch self {
        case .outsideDomain: "Invites to addresses outside the allowed domains"
        case .privilegedRole: "Invites to privileged roles"
        case .stale: "Invites pending for too long"
        case .repeated: "Addresses invited again and again"
        case .goneAfterAccepted: "Invites gone after they had been accepted"
        }
    }
}

extension OpenLedger.Outcome {
    package var title: String {
        switch self {
        case .accepted: "accepted"
        case .expired: "expired"
        case .deletedAsserted: "deleted, as the API says"
        case .deletedInferred: "deleted, inferred from absence"
        case .vanished: "vanished from the listing"
        case .other: "other statuses"
        }
    }
}

extension AuditReport {
    /// What nobody can learn from the API, in so many words.
    package static let limits = [
        "The API does not tell who invited somebody.",
        "The API does not tell who deleted or withdrew an invite, nor whether the invited person declined it.",
        "The API does not tell who approved anything; reviewer, decision and date are left blank for you to fill in.",
        """
        A change is seen by the next pass after it: it happened after "not before" and no later than "observed at". \
        What came and went between two passes was not seen.
        """,
        """
        A full pass lists every invite. A recent one lists down to the oldest invite that can still change: it sees \
        new invites and all that happens to pending ones. What happens to one that was accepted, had run out or was \
        gone is seen by the next full pass.
        """,
        """
        A deletion "inferred from absence" is one that nobody stated: the invite was no longer listed, and asked for \
        by its id the API answered 404.
        """,
        """
        "Verified" means: with the keys that the database itself names, under "Signed by". Compare them with those \
        that you were given.
        """,
        "What is newer than the last checkpoint that was brought out of reach can be rewritten by who holds the key.",
    ]
}
