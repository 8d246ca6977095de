import Layouts
import Memory

extension Slice<UInt8> {
    /// Copies stretches of elements of `elementByteCount` bytes from another slice, which must not overlap this one.
    func copy(_ runs: CopyRuns, from source: Slice<UInt8>, elementByteCount: Int) {
        let count = runs.runCount * elementByteCount
        for run in runs {
            let (from, to) = (run.source * elementByteCount, run.target * elementByteCount)
            self[to..<to + count].copy(from: source[from..<from + count])
        }
    }
}

extension CopyRuns {
    /// The stretch, if there is only one.
    var only: Run? {
        let iterator = makeIterator()
        guard let first = iterator.next(), iterator.next() == nil else { return nil }
        return first
    }
}
