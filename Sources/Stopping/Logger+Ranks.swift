package import Collectives
package import Logging

extension Logger {
    /// A logger for what all ranks would say alike: rank 0 says it for them, and the others log only errors.
    package func saying(onceFor world: any Communicator) -> Logger {
        guard world.rank != 0 else { return self }
        var logger = self
        logger.logLevel = max(logger.logLevel, .error)
        return logger
    }
}
