extension Surroundings {
    /// Looks again and again whether something has come true, for at most so long; false if it has not.
    ///
    /// For what no notice is given of: a network file system shows new names on other hosts with a delay.
    public func waits(for patience: Duration, until isTrue: () -> Bool) -> Bool {
        let end = now + patience
        while !isTrue() {
            guard now < end else { return false }
            sleep(for: .milliseconds(50))
        }
        return true
    }
}
