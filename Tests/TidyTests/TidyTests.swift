import Testing
import Foundation

@Test func where_() {
    print(CommandLine.arguments, try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), #filePath)
}
