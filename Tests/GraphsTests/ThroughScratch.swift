import Graphs
import Memory
import Tensors
import Testing

/// Its input, by way of memory that it computes with: each number twice, and one more, so that no cache line is full.
struct ThroughScratch: Graphs.Operation {
    func scratchCount(inputs: [Shape], results: [Shape]) -> Int { 2 * inputs[0].elementCount + 1 }

    func kernel(_ operands: Operands) -> () -> Void {
        let (x, y, scratch) = (operands.input(), operands.result(), operands.scratch)
        #expect(scratch.count == 2 * x.count + 1)
        return {
            var numbers = scratch.mutableSpan
            for index in 0..<scratch.count { numbers[index] = x.span[index / 2 % x.count] }
            var result = y.mutableSpan
            for index in 0..<y.count { result[index] = scratch.span[2 * index] }
        }
    }
}
