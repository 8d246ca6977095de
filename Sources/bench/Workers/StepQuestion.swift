import Foundation
import Glibc
import Lockstep

/// What a worker is asked to do: a number of steps, and how.
struct StepQuestion: Equatable {
    enum Manner: Int64, CaseIterable {
        /// As in every run.
        case whole
        /// Without the stop agreement.
        case withoutAgreement
        /// Without the reduction of gradients.
        case withoutReduction
        /// Without the reduction of gradients; where it would be awaited, the ranks only meet.
        case meeting
        /// Without either: every rank for itself.
        case apart
        /// Nothing but reductions of the same bytes, one after the other, each awaited.
        case reductionAlone
    }

    let count: Int
    let manner: Manner

    init(count: Int, _ manner: Manner = .whole) {
        self.count = count
        self.manner = manner
    }

    /// The parts of the line that asks it; peers know the first alone.
    var parts: [String] { manner == .whole ? ["\(count)"] : ["\(count)", "\(manner.rawValue)"] }

    /// Reads a line; nil if it is no question.
    init?(line: String) {
        let numbers = line.split(separator: "\t").compactMap { Int64($0) }
        guard let count = numbers.first, count > 0, let manner = Manner(rawValue: numbers.dropFirst().first ?? 0) else {
            return nil
        }
        self.init(count: Int(count), manner)
    }
}

/// Questions that rank 0 reads and all ranks hear.
final class QuestionLine {
    private let world: any Communicator
    private let words = Slice<Int64>(zeros: 2)
    private let request: any AllReduceRequest

    init(world: any Communicator) {
        self.world = world
        request = world.allReduceRequest(over: words, with: .maximum)
    }

    /// The next question on every rank; nil at the end of them.
    func next() throws -> StepQuestion? {
        let question = world.rank == 0 ? readLine().flatMap { StepQuestion(line: $0) } : nil
        let words = words
        var own = words.mutableSpan
        own[0] = Int64(question?.count ?? 0)
        own[1] = question?.manner.rawValue ?? 0
        try request.start()
        // Who waits inside MPI keeps a core busy, which others need for their turn.
        while try !request.test() { usleep(500) }
        let (count, manner) = (words.span[0], words.span[1])
        return count == 0 ? nil : StepQuestion.Manner(rawValue: manner).map { StepQuestion(count: Int(count), $0) }
    }

    /// Prints an answer, on rank 0.
    func answer(_ parts: [String]) throws {
        guard world.rank == 0 else { return }
        try StandardStream.output.write(parts.joined(separator: "\t") + "\n")
    }
}
