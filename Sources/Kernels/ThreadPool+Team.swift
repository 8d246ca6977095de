import Glibc
import Memory

/// What a ``Job`` runs. A type, not a closure: a closure of a generic function allocates for the types it captures.
@usableFromInline
protocol Work {
    static func run(_ shared: UnsafeRawPointer, _ index: Int)
}

/// One call of ``ThreadPool/forEach(_:with:_:)``, without its types.
@unsafe @usableFromInline
struct Job {
    let count: Int
    let shared: UnsafeRawPointer
    let work: any Work.Type

    @usableFromInline
    init(count: Int, shared: UnsafeRawPointer, work: any Work.Type) {
        unsafe self.count = count
        unsafe self.shared = unsafe shared
        unsafe self.work = work
    }

    /// Runs the indices of one thread: consecutive ones, the same for the same counts.
    func runShare(of thread: Int, among threads: Int) {
        for index in unsafe (count * thread / threads)..<(count * (thread + 1) / threads) {
            unsafe work.run(shared, index)
        }
    }
}

/// The threads of a pool. The workers keep it alive; the pool dismisses them when it goes.
@safe final class Team: @unchecked Sendable {
    // Unchecked: `job` is written by the caller before it opens `round` and read by the workers after; they are done
    // with it when `unfinished` is 0, and only then is it written again.
    private var job: Job?
    private let round = Gate()
    private let unfinished = Gate()
    private let workers: [Worker]
    private var handles: [pthread_t] = []

    // Held by the outer thread that acts as worker 0.
    private let callers: UnsafeMutablePointer<pthread_mutex_t>

    init(threads: Int) {
        workers = (0..<threads).map(Worker.init)
        unsafe callers = .allocate(capacity: 1)
        unsafe pthread_mutex_init(callers, nil)
        for worker in workers.dropFirst() { start(worker) }
    }

    deinit {
        unsafe pthread_mutex_destroy(callers)
        unsafe callers.deallocate()
    }

    private func start(_ worker: Worker) {
        let seat = unsafe Unmanaged.passRetained(Seat(team: self, worker: worker)).toOpaque()
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let seat = unsafe Unmanaged<Seat>.fromOpaque(argument).takeRetainedValue()
                seat.team.work(as: seat.worker)
                return nil
            }, seat)
        guard status == 0 else {
            endProcess(lacking: "no thread \(worker.index) of \(workers.count) to reckon with", status)
        }
        handles.append(handle)
    }

    /// Ends the workers; returns when the last has ended.
    func dismiss() {
        unsafe job = nil
        round.change(by: 1)
        for handle in handles { pthread_join(handle, nil) }
    }

    /// Runs a job on all threads; the caller is worker 0.
    func run(_ job: Job) {
        unsafe self.job = unsafe job
        unfinished.change(by: workers.count - 1)
        round.change(by: 1)
        unsafe job.runShare(of: 0, among: workers.count)
        unfinished.wait { $0 == 0 }
    }

    private func work(as worker: Worker) {
        worker.isSharing = true
        worker.becomeCurrent()
        var seen = 0
        while true {
            let last = seen
            seen = round.wait { $0 != last }
            guard let job = unsafe job else { return }
            unsafe job.runShare(of: worker.index, among: workers.count)
            unfinished.change(by: -1)
        }
    }

    /// Calls `body` with the worker that the running thread is; a thread from outside becomes worker 0 for the time.
    func asWorker<Result>(_ body: (Worker) -> Result) -> Result {
        let current = Worker.current
        if let current, workers[current.index] === current { return body(current) }
        unsafe pthread_mutex_lock(callers)
        defer { unsafe pthread_mutex_unlock(callers) }
        workers[0].becomeCurrent()
        defer { Worker.setCurrent(current) }
        return body(workers[0])
    }
}

/// What a new thread is told.
private final class Seat {
    let team: Team
    let worker: Worker

    init(team: Team, worker: Worker) {
        self.team = team
        self.worker = worker
    }
}
