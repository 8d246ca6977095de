/// The code that a program of ranks ends with, the same on all of them; the numbers are those of `sysexits.h` where it has one.
///
/// mpirun kills the others about two seconds after one rank has ended with anything but 0. So a rank ends with a code
/// only after all ranks have published what they had to, and have left MPI together.
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    /// The code.
    public let rawValue: Int32

    /// Makes a status of a code, such as one that a scheduler takes for "start it again".
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The run is finished, or stopped as asked with its set published.
    public static let success = ExitStatus(rawValue: 0)

    /// Something went wrong.
    public static let failure = ExitStatus(rawValue: 1)

    /// The command line is wrong (EX_USAGE).
    public static let usage = ExitStatus(rawValue: 64)

    /// The loss, the gradients or the weights are no numbers any more (EX_DATAERR): starting it again comes to the same.
    public static let notFinite = ExitStatus(rawValue: 65)

    /// The run was asked to stop, and its state could not be saved (EX_IOERR).
    public static let saveFailed = ExitStatus(rawValue: 74)

    /// The ranks made no progress, and a watchdog ended them (EX_TEMPFAIL).
    public static let noProgress = ExitStatus(rawValue: 75)

    /// What the command line names cannot be trained: starting it again changes nothing (EX_CONFIG).
    public static let configuration = ExitStatus(rawValue: 78)

    /// Ended at once by SIGQUIT: 128 and the number of the signal, as of a program that dies of it.
    public static let forced = ExitStatus(rawValue: 131)
}
