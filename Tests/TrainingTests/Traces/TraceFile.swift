import Foundation
import Testing

/// A file of traces that real MindSpore 2.10 left behind, from `Vectors`.
struct TraceFile: Sendable {
    let name: String
    let contents: JSON

    init(_ name: String) {
        self.name = name
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/\(name)")
        do {
            contents = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: url))
        } catch {
            fatalError("the traces of \(name) cannot be read: \(error)")
        }
    }

    /// The cases in `contents[list]`, whose names stand under `key`.
    func cases(_ list: String = "cases", key: String = "case") -> [TraceCase] {
        contents[list].array.map { TraceCase(name: $0[key].string ?? "", json: $0) }
    }
}

/// One recorded case.
struct TraceCase: Sendable {
    let name: String
    let json: JSON
}

/// A case in which Lockstep does something else than MindSpore on purpose.
struct DeliberateDifference: Sendable {
    let reason: String
    /// Tests what it does instead.
    let check: @Sendable () async throws -> Void

    init(_ reason: String, check: @escaping @Sendable () async throws -> Void) {
        self.reason = reason
        self.check = check
    }
}

/// Replays every case, or tests what is listed for it. A case that is in no list and that `replay` does not know, for
/// which it returns false, fails; so does a listed name without a case.
func replayAll(
    _ file: String, _ cases: [TraceCase], deliberateDifferences: [String: DeliberateDifference],
    notExpressible: [String: String], replay: (TraceCase) throws -> Bool
) async throws {
    let names = Set(cases.map(\.name))
    #expect(names.count == cases.count, "\(file) has two cases of one name")
    for name in Array(deliberateDifferences.keys) + Array(notExpressible.keys) {
        #expect(names.contains(name), "\(file) has no case \(name)")
    }
    #expect(Set(deliberateDifferences.keys).isDisjoint(with: notExpressible.keys))

    var replayed = 0
    for traceCase in cases where notExpressible[traceCase.name] == nil {
        do {
            if let difference = deliberateDifferences[traceCase.name] {
                try await difference.check()
            } else {
                #expect(try replay(traceCase), "\(traceCase.name) is neither replayed nor listed")
                replayed += 1
            }
        } catch {
            Issue.record("\(file), \(traceCase.name): \(error)")
        }
    }
    print(
        "\(file): \(cases.count) cases, \(replayed) replayed, \(deliberateDifferences.count) differ on purpose, "
            + "\(notExpressible.count) cannot be expressed")
}
