import Collectives
import Tensors
import Testing

@testable import Execution
@testable import Graphs

/// Where reductions begin and where they are waited for.
@Suite struct CompilerTests {
    @Test func reductionIsAwaitedWhereItsResultIsUsed() {
        let actions = actions { x in
            let reduced = x.trace.apply(.allReduce(.sum, group: "data"), to: [x])[0]
            let beside = x.tanh()
            return [beside, reduced * 2]
        }
        #expect(actions == ["start", "compute", "await 0", "compute"])
    }

    @Test func viewOfAReductionDoesNotWait() {
        let actions = actions { x in
            let view = x.trace.apply(.allReduce(.sum, group: "data"), to: [x])[0].reshaped(to: [2, 3])
            let beside = x.tanh()
            return [beside, view.sumRows()]
        }
        #expect(actions == ["start", "compute", "await 0", "compute"])
    }

    @Test func reductionThatIsOnlyAnOutputIsAwaitedAtTheEnd() {
        let actions = actions { x in
            let view = x.trace.apply(.allReduce(.sum, group: "data"), to: [x])[0].reshaped(to: [2, 3])
            return [view, x.tanh()]
        }
        #expect(actions == ["start", "compute", "await 0"])
    }

    @Test func laterReductionIsAwaitedWithAllBeforeItAndOnce() {
        let actions = actions { x in
            let first = x.trace.apply(.allReduce(.sum, group: "data"), to: [x])[0]
            let second = x.trace.apply(.allReduce(.sum, group: "data"), to: [x])[0]
            return [second * 2, first * 2]
        }
        #expect(actions == ["start", "start", "await 1", "compute", "compute"])
    }

    private func actions(_ build: (Symbol) -> [Symbol]) -> [String] {
        let trace = Trace()
        let graph = trace.finish(outputs: build(trace.input("x", TensorType([6]))))
        var compiler = Compiler(
            graph, storage: Storage(graph), backend: CPUBackend(), groups: ["data": SoloCommunicator()])
        return compiler.compile().map { instruction in
            switch instruction.action {
            case .compute: "compute"
            case .startReduction: "start"
            case .awaitReduction(let index): "await \(index)"
            case .communicate: "communicate"
            }
        }
    }
}
