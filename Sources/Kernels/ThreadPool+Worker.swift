import Glibc
import Memory

/// One thread of a pool: its number, and the memory that belongs to it. Touched by that thread alone.
final class Worker {
    let index: Int

    /// Whether the thread is inside the body of a `forEach`, where another runs inline.
    var isSharing = false

    private var scratch: [Slice<Float>?] = Array(repeating: nil, count: ThreadPool.scratchLevels)
    private var level = 0

    init(index: Int) {
        self.index = index
    }

    /// The first `count` numbers of this level's memory, which grows when it is too small.
    func borrowScratch(_ count: Int) -> Slice<Float> {
        precondition(level < scratch.count, "scratch memory is nested more than \(scratch.count) deep")
        defer { level += 1 }
        if let slice = scratch[level], slice.count >= count { return slice[0..<count] }
        let slice = Slice<Float>(zeros: count)
        scratch[level] = slice
        return slice
    }

    func returnScratch() {
        level -= 1
    }
}

// The worker that the running thread is. The slot does not own it: a worker lives as long as its team, and a thread
// leaves the slot before the team can go.
extension Worker {
    private static let slot: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key, nil)
        precondition(status == 0, "no slot for a thread's own data: error \(status)")
        return key
    }()

    static var current: Worker? {
        guard let pointer = unsafe pthread_getspecific(slot) else { return nil }
        return unsafe Unmanaged<Worker>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func setCurrent(_ worker: Worker?) {
        let pointer = unsafe worker.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
        unsafe pthread_setspecific(slot, pointer)
    }

    func becomeCurrent() {
        Self.setCurrent(self)
    }
}
