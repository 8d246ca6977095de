import Foundation
import Lockstep

/// The samples of a CSV file with a line of names: the last column is to be learned from the others, all scaled to a mean of 0
/// and a deviation of 1.
struct Table {
    /// The file that lies beside this one.
    static let shipped = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "houses.csv")
        .path(percentEncoded: false)

    /// Of five lines, four are trained on.
    let trainingSamples: any Dataset

    /// And the fifth is tested with.
    let testSamples: any Dataset

    /// The columns but the last.
    let featureCount: Int

    /// Reads a file; an error names the line and what is wrong with it.
    init(contentsOf path: FilePath, sharedBy world: any Communicator) throws {
        let names = try CSVDataset.names(contentsOf: path, sharedBy: world)
        guard names.count > 1 else { throw DataError.badFile(path, "has 1 field; at least 2 are needed") }
        let columns: [TableColumn] = [
            .numbers("features", from: names.dropLast()), .numbers("target", from: [names[names.count - 1]]),
        ]
        let samples = try CSVDataset.load(contentsOf: path, columns: columns, sharedBy: world)
        let (train, test) = samples.split(testing: 5)
        // By the numbers of what is trained on, for the others are not known yet.
        let features = try Normalize(of: train, column: "features")
        let target = try Normalize(of: train, column: "target")
        let scaled = { (samples: SelectedSamples) in
            try samples.map([features], inputColumn: "features").map([target], inputColumn: "target")
        }
        (trainingSamples, testSamples, featureCount) = (try scaled(train), try scaled(test), names.count - 1)
    }
}
