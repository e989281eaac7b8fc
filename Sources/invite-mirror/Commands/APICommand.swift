import ArgumentParser
struct APICommand: AsyncParsableCommand { func run() async throws {} }
