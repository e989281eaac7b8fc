/// Which complete passes covered an invite: the lower bounds of when a change can have happened.
package struct Coverage: Sendable {
    /// A complete pass of the past.
    package struct Pass: Sendable, Equatable {
        package let startedAt: Timestamp
        /// It saw every invite with `invited_at` at or after this; nil if it saw all.
        package let since: Timestamp?

        package init(startedAt: Timestamp, since: Timestamp?) {
            self.startedAt = startedAt
            self.since = since
        }

        package func covers(invitedAt: Timestamp?) -> Bool {
            guard let since else { return true }
            return invitedAt.map { $0 >= since } ?? false
        }
    }

    /// Newest first. Passes older than the newest full one matter only where the clock was set back.
    private let passes: [Pass]

    package init(newestFirst passes: [Pass]) {
        self.passes = passes
    }

    /// The start of the newest complete pass that covered an invite, as long as it lies before `observedAt`, if given.
    ///
    /// The newest pass can bear a later date than the observation only if the clock was set back in between; an
    /// older pass is a true bound then, since what changed after a pass changed after all those before it.
    package func newestStart(covering invitedAt: Timestamp?, before observedAt: Timestamp? = nil) -> Timestamp? {
        passes.first { pass in
            pass.covers(invitedAt: invitedAt) && (observedAt.map { pass.startedAt < $0 } ?? true)
        }?.startedAt
    }
}
