import Glibc
import Synchronization

extension MPIEnvironment {
    /// Lets the ranks of this machine live on when their launcher dies, so that they can save; returns whether that
    /// works here.
    ///
    /// Open MPI aborts a rank about a second after its connection to mpirun is lost, in the last of PMIx's event handlers.
    /// This registers one that comes before it and ends the chain (`PMIx_Register_event_handler`). Messages between ranks
    /// of one machine need no launcher. Ranks on other machines are ended by the daemons there.
    ///
    /// The caller must exit on its own once ``hasLostLauncher`` says that the launcher is gone.
    @discardableResult
    public func outliveLauncher() -> Bool {
        // Open MPI loads it; the ranks of other launchers have none.
        guard let library = unsafe dlopen("libpmix.so.2", RTLD_NOLOAD | RTLD_LAZY),
            let symbol = unsafe dlsym(library, "PMIx_Register_event_handler")
        else { return false }
        // The first use of a global makes it: not on the library's thread.
        _ = Self.hasLostLauncher
        let register = unsafe unsafeBitCast(symbol, to: EventRegistration.self)
        // PMIX_ERR_LOST_CONNECTION of versions 4 and 3. The library reads them later, on its own thread, so they stay.
        let codes = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 2)
        _ = unsafe codes.initialize(from: [-61, -101])
        return unsafe register(codes.baseAddress, codes.count, nil, 0, swallowEvent, noteRegistration, nil) >= 0
    }

    /// Whether the connection to the launcher broke, after ``outliveLauncher()`` took that event away from Open MPI.
    ///
    /// It tells of a launcher that was killed where the parent of a rank is another process, which lives on.
    public static var hasLostLauncher: Bool { lostLauncher.load(ordering: .acquiring) }
}

private let lostLauncher = Atomic(false)

private typealias EventCompletion =
    @convention(c) (
        Int32, UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
        UnsafeMutableRawPointer?
    ) -> Void

private typealias EventHandler =
    @convention(c) (
        Int, Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?, Int, EventCompletion?,
        UnsafeMutableRawPointer?
    ) -> Void

private typealias EventRegistration =
    @convention(c) (
        UnsafeMutablePointer<Int32>?, Int, UnsafeMutableRawPointer?, Int, EventHandler?, RegistrationCompletion?,
        UnsafeMutableRawPointer?
    ) -> Int32

private typealias RegistrationCompletion = @convention(c) (Int32, Int, UnsafeMutableRawPointer?) -> Void

/// Without it the call would wait for its completion.
private func noteRegistration(_ status: Int32, _ registration: Int, _ data: UnsafeMutableRawPointer?) {}

/// Notes the event, and says that it is dealt with (PMIX_EVENT_ACTION_COMPLETE), so that no other handler hears of it.
private func swallowEvent(
    _ registration: Int, _ status: Int32, _ source: UnsafeRawPointer?, _ info: UnsafeMutableRawPointer?,
    _ infoCount: Int, _ results: UnsafeMutableRawPointer?, _ resultCount: Int, _ completion: EventCompletion?,
    _ data: UnsafeMutableRawPointer?
) {
    lostLauncher.store(true, ordering: .releasing)
    let complete: Int32 = -334
    unsafe completion?(complete, nil, 0, nil, nil, data)
}
