import Glibc
import Kernels
import Lockstep

/// The program: checks the processor, joins the world, and hands over to the command.
@main
enum Trainer {
    static func main() {
        StandardStream.prepare()
        ProcessorTime.askForNotice()
        if let feature = Processor.missingFeature() {
            Console.fail(
                "this trainer was built for \(Processor.builtFor), and this processor has no \(feature); "
                    + "build it here, or with LOCKSTEP_ARCH=x86-64-v3")
            exit(ExitStatus.failure.rawValue)
        }
        if let status = Command.runPlain() { exit(status.rawValue) }
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
