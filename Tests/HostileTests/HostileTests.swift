import Testing

/// One after another: they measure memory, and each case has a server of its own.
@Suite("Hostile input", .serialized)
enum HostileTests {}
