import Foundation
package import Graphs
package import Networks

/// A callback that keeps something with the run, so that a run that carries on goes on counting where it was.
///
/// ```swift
/// final class EpochCounter: Callback, StatefulCallback {
///     var keptState = 0
///     override func onTrainEpochEnd(_ runContext: RunContext) { keptState += 1 }
/// }
/// ```
///
/// What it keeps stands in the manifest of each set, as JSON. When a run carries on, it is set after all callbacks'
/// `onTrainBegin`. Every rank has the callback, and what counts is what that of rank 0 keeps. Several of one type are told
/// apart by their order in the list. One that counts steps stands before a ``ModelCheckpoint`` in the list: what is saved at
/// the end of a step holds what those before it have counted.
public protocol StatefulCallback: Callback {
    /// What it keeps.
    associatedtype KeptState: Codable

    /// What it keeps, as of now.
    var keptState: KeptState { get set }
}

extension StatefulCallback {
    /// What it keeps, as JSON; numbers that JSON does not have are texts.
    package func encodedState() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(keptState), as: UTF8.self)
    }

    package func restoreState(_ json: String) throws {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        keptState = try decoder.decode(KeptState.self, from: Data(json.utf8))
    }
}

/// A callback that keeps tensors too, which become parameters of the set.
package protocol KeepsParameters: Callback {
    /// What it keeps now.
    var keptParameters: [Parameter] { get }

    /// All that it may keep of a network, to be loaded.
    func parametersToLoad(for network: any Cell) -> [Parameter]
}
