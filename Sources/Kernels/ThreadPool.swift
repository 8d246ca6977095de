import Memory

/// Threads that share the work of a kernel: the caller and `threads - 1` workers that wait for the next call.
///
/// ```swift
/// let pool = ThreadPool(threads: 4)
/// pool.forEach(images) { image in convolve(image) }
/// ```
/// Which thread runs which index is fixed by the two counts alone, so results never depend on timing. A call inside the
/// body of another runs inline. Calls from different threads wait for each other.
public final class ThreadPool: Sendable {
    /// The number of threads that share the work, the caller among them.
    public let threads: Int

    private let team: Team

    /// Starts `threads - 1` workers; one thread means that everything runs in the caller.
    public init(threads: Int) {
        insist(threads >= 1, "a pool needs at least 1 thread, not \(threads)")
        self.threads = threads
        team = Team(threads: threads)
    }

    deinit {
        team.dismiss()
    }

    /// Runs `body` for every index in `0..<count`, spread over the threads, and returns when all are done.
    ///
    /// `body` runs on several threads at once: what it writes must not overlap between indices. With more than one
    /// thread this allocates a few bytes, for the closure; ``forEach(_:with:_:)`` does not.
    public func forEach(_ count: Int, _ body: (Int) -> Void) {
        guard threads > 1, count > 1 else {
            for index in 0..<max(count, 0) { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            forEach(count, with: body) { body, index in body(index) }
        }
    }

    /// Runs `body(context, index)` for every index in `0..<count`, spread over the threads; allocates nothing when `body`
    /// captures nothing.
    @inlinable
    public func forEach<Context>(_ count: Int, with context: Context, _ body: @escaping (Context, Int) -> Void) {
        guard threads > 1, count > 1 else {
            for index in 0..<max(count, 0) { body(context, index) }
            return
        }
        unsafe withUnsafePointer(to: Shared(context: context, body: body)) { shared in
            unsafe share(Job(count: count, shared: UnsafeRawPointer(shared), work: Shared<Context>.self))
        }
    }

    /// Runs a job on all threads, or inside the body of another one in the caller alone.
    @usableFromInline
    func share(_ job: Job) {
        team.asWorker { worker in
            guard !worker.isSharing else { return unsafe job.runShare(of: 0, among: 1) }
            worker.isSharing = true
            defer { worker.isSharing = false }
            unsafe team.run(job)
        }
    }

    /// Lends `body` memory for `count` numbers that belongs to the running thread, with whatever the last user left in
    /// it, 64-byte aligned.
    ///
    /// The memory is kept and lent again, so that only the first use of a size allocates. Calls nest up to
    /// ``ThreadPool/scratchLevels`` deep, each with memory of its own.
    public func withScratch<Result>(_ count: Int, _ body: (inout MutableSpan<Float>) -> Result) -> Result {
        guard count > 0 else {
            var none = MutableSpan<Float>()
            return body(&none)
        }
        return team.asWorker { worker in
            let slice = worker.borrowScratch(count)
            defer { worker.returnScratch() }
            var span = slice.mutableSpan
            return body(&span)
        }
    }

    /// How deep calls of ``withScratch(_:_:)`` may nest.
    public static let scratchLevels = 8
}

/// What the threads run: a body and what it works on, on the caller's stack while they do.
@usableFromInline
struct Shared<Context>: Work {
    @usableFromInline let context: Context
    @usableFromInline let body: (Context, Int) -> Void

    @inlinable
    init(context: Context, body: @escaping (Context, Int) -> Void) {
        self.context = context
        self.body = body
    }

    @inlinable
    static func run(_ shared: UnsafeRawPointer, _ index: Int) {
        let shared = unsafe shared.assumingMemoryBound(to: Self.self)
        unsafe shared.pointee.body(shared.pointee.context, index)
    }
}
