import Glibc
import Kernels
import Lockstep

/// The program: checks the processor, joins the world, and hands over to the command.
@main
enum Trainer {
    static func main() {
        if let feature = Processor.missingFeature() {
            Console.fail(
                "this trainer was built for \(Processor.builtFor), and this processor has no \(feature); "
                    + "build it here, or with LOCKSTEP_ARCH=x86-64-v3")
            exit(ExitStatus.failure.rawValue)
        }
        exit(run().rawValue)
    }

    private static func run() -> ExitStatus {
        do {
            let launch = try Launch()
            return launch.leave(with: Command.run(launch))
        } catch {
            Console.fail("\(error)")
            return .failure
        }
    }
}

/// How the program ends.
enum ExitStatus: Int32 {
    /// Done, or stopped as asked with its checkpoint published.
    case success = 0

    /// Something went wrong.
    case failure = 1

    /// The command line or the data do not allow what was asked for (EX_USAGE of sysexits.h).
    case usage = 64
}
