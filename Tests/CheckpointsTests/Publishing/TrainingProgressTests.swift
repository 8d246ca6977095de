import Checkpoints
import Foundation
import Records
import Testing

struct TrainingProgressTests {
    @Test func aSetThatDoesNotSayItsOrderHasTheOldOne() throws {
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: 2, stepsPerEpoch: 3, step: 2, globalBatch: 4, sampleCount: 8, seed: 5,
            finished: false, shuffling: .feistel)
        let json = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        func decoded(_ text: String) throws -> TrainingProgress {
            try JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8))
        }
        #expect(try decoded(json) == progress)
        let old = json.replacingOccurrences(of: #""shuffling":"feistel""#, with: #""other":1"#)
        #expect(old != json)
        #expect(try decoded(old).shuffling == .fisherYates)
        let error = #expect(throws: DecodingError.self) {
            try decoded(json.replacingOccurrences(of: "feistel", with: "sorted"))
        }
        #expect("\(error!)".contains("is no order of samples that this version knows"))
    }
}
