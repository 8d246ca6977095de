package import Stopping

extension RunContext {
    /// Calls `body` on every rank after the agreement that ends a step of the training, with how long that took.
    package func whenStepped(_ body: @escaping (StepClock.Step) -> Void) {
        run.stepObservers.append(body)
    }

    /// What counts where the time of the training goes.
    package var clock: StepClock { run.clock }

    /// What the ranks whose turn it was took on average for their own parts of steps.
    package func forEachOwnTime(_ body: (_ rank: Int, _ mean: Duration) -> Void) { run.agreement.forEachMean(body) }
}
