import CAffinity
import Glibc
import Synchronization
import SystemPackage

/// A thread of the system, which may have none to give: a limit of processes may be reached (`ulimit -u`, a cgroup's
/// `pids.max`). Dispatch would wait for ever then, and Foundation's thread never begin.
@safe public final class SystemThread: @unchecked Sendable {
    // Unchecked: the handle is written in `init`, and used by one owner alone.
    private var handle = pthread_t()
    private var isJoined = false

    // Neither what the shell's limit says (`ulimit -s`) nor too much where memory is short.
    package static let usualStack = 1 << 20

    /// Starts `body` on a thread of its own; nil if there is none to be had, and `body` is not run.
    public convenience init?(_ name: String? = nil, _ body: @escaping @Sendable () -> Void) {
        self.init(name, stackByteCount: Self.usualStack, body)
    }

    /// The same with a stack of another size.
    package init?(_ name: String?, stackByteCount: Int, _ body: @escaping @Sendable () -> Void) {
        let task = unsafe Unmanaged.passRetained(Task(name, body))
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        unsafe pthread_attr_init(attributes)
        defer {
            unsafe pthread_attr_destroy(attributes)
            unsafe attributes.deallocate()
        }
        unsafe pthread_attr_setstacksize(attributes, stackByteCount)
        let status = unsafe pthread_create(
            &handle, attributes,
            { task in
                guard let task = unsafe task else { return nil }
                unsafe Unmanaged<Task>.fromOpaque(task).takeRetainedValue().run()
                return nil
            }, task.toOpaque())
        guard status == 0 else {
            isJoined = true
            unsafe task.release()
            return nil
        }
    }

    deinit {
        if !isJoined { pthread_detach(handle) }
    }

    /// Waits until the thread has ended.
    public func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(handle, nil)
    }

    /// Runs `body` for 0..<count on all processors that the process may use, and on fewer where threads are short.
    static func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let queue = IndexQueue(count: count)
        let work = { @Sendable in
            while let index = queue.next() { body(index) }
        }
        var helpers: [SystemThread] = []
        while helpers.count + 1 < min(count, processorCount), let helper = SystemThread(nil, work) {
            helpers.append(helper)
        }
        work()
        for helper in helpers { helper.join() }
    }

    /// Keeps the calling thread, and those that it starts from now on, to one of the processors that the process may use: threads
    /// that take turns then hand over without waking another processor, in half the time. Where the system refuses, they
    /// stay as they are.
    package static func keepToProcessor(_ index: Int) {
        _ = lockstep_keep_to_processor(UInt32(index))
    }

    /// Prepares the process for so many threads of which most wait: to wake one of them then takes no longer than to wake one of few.
    package static func prepare(forWaiting count: Int) {
        // A power of two, and some of them stay empty.
        let places = 1 << (Int.bitWidth - max(count, 1).leadingZeroBitCount + 1)
        _ = lockstep_spread_waiters(UInt(places))
    }

    /// How many processors the process may use; Swift does not see `sched_getaffinity`.
    private static let processorCount: Int = {
        let name = "Cpus_allowed:"
        let line = ThreadFile.status.text.split(separator: "\n").first { $0.hasPrefix(name) }
        let count = line?.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return max(count ?? 1, 1)
    }()
}

/// What a new thread is told.
private final class Task: Sendable {
    private let name: String?
    private let body: @Sendable () -> Void

    init(_ name: String?, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        // The system takes fifteen bytes.
        if let name { ThreadFile.name.write(String(name.prefix(15))) }
        body()
    }
}

/// Numbers that several threads take one after the other.
private final class IndexQueue: Sendable {
    private let taken = Atomic<Int>(0)
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    func next() -> Int? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }
}

/// What the system says of the running thread, as files.
private enum ThreadFile: String {
    case status
    case name = "comm"

    private var path: FilePath { FilePath("/proc/thread-self/\(rawValue)") }

    /// All of it; empty if there is none.
    var text: String {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return "" }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in (try? unsafe file.read(into: bytes)) ?? 0 }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func write(_ text: String) {
        guard let file = try? FileDescriptor.open(path, .writeOnly, options: .closeOnExec) else { return }
        defer { try? file.close() }
        _ = try? file.writeAll(text.utf8)
    }
}
