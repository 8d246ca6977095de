import Datasets
package import Stopping
import Training

extension ExitStatus {
    /// How a program ends that an error ends.
    package init(of error: any Error) {
        // These say the same whenever the program is started so.
        let isConfiguration = error is DataError || error is ModelError || error is SignalError
        self =
            error is NonFiniteError
            ? .notFinite : (error as? RunFailure)?.status ?? (isConfiguration ? .configuration : .failure)
    }
}
