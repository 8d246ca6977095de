/// What a run does on one day.
public struct SimulatedDay: Sendable, Codable {
    /// Which day, from 1.
    public let number: Int

    /// Its parts, from midnight on.
    public let segments: [DaySegment]

    /// Finds the first day on which machines are lost, among so many.
    init(_ job: JobModel, interval: Double, days: Double) {
        let day = 86400.0
        let count = max(1, Int(days.rounded(.up)))
        let number =
            (1...count).first {
                job.account(interval: interval, duration: Double($0) * day).interruptions > 0
            } ?? 1
        self.number = number
        segments = job.segments(interval: interval, window: Double(number - 1) * day..<Double(number) * day)
    }
}
