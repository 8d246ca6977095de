import Networks

extension BatchNorm {
    /// One for images of so many channels, which normalises the batch of a rank or of all ranks together.
    static func ofImages(_ channels: Int, synchronized: Bool) -> BatchNorm {
        synchronized ? SyncBatchNorm(channels) : BatchNorm2d(channels)
    }
}
