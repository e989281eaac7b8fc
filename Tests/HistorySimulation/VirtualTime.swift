import InviteCore
import InviteMirror
import Synchronization

/// Time of a simulated world: it moves when the world says so, and what the mirror's clock shows may be off.
final class VirtualTime: Sendable {
    private struct State {
        var now: Timestamp
        var skew: Duration = .zero
        var onLook: (@Sendable () -> Void)?
    }

    private let start: Timestamp
    private let state: Mutex<State>

    init(start: Timestamp) {
        self.start = start
        state = Mutex(State(now: start))
    }

    /// The true instant.
    var now: Timestamp { state.withLock { $0.now } }

    /// What the mirror's clock shows.
    var shown: Timestamp { state.withLock { $0.now + $0.skew } }

    func advance(by duration: Duration) {
        state.withLock { $0.now = $0.now + duration }
    }

    /// Sets the mirror's clock off by this much, from now on.
    func setClock(offBy skew: Duration) {
        state.withLock { $0.skew = skew }
    }

    /// Calls `look` at each look at the mirror's clock, until it is nil again: a pass looks between its steps.
    func watch(_ look: (@Sendable () -> Void)?) {
        state.withLock { $0.onLook = look }
    }

    var clock: MirrorClock {
        MirrorClock(
            now: { [self] in
                state.withLock { $0.onLook }?()
                return shown
            }, uptime: { [self] in now - start },
            sleep: { [self] duration in
                try Task.checkCancellation()
                advance(by: duration)
            })
    }
}
