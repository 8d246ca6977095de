import Memory

/// The sizes of images whose channels are normalised: [batch, channels, plane] in memory, a plane being height · width, or
/// 1 where the input is [batch, channels].
public struct ChannelGeometry: Sendable, Hashable {
    /// The number of images.
    public let batch: Int

    /// The number of channels of each.
    public let channels: Int

    /// The number of elements of a channel of an image.
    public let plane: Int

    /// Describes `batch` images.
    public init(batch: Int, channels: Int, plane: Int) {
        insist(
            batch >= 0 && channels > 0 && plane > 0,
            "\(batch) images of \(channels) channels of \(plane) elements cannot be normalised")
        self.batch = batch
        self.channels = channels
        self.plane = plane
    }

    /// The number of elements of all images.
    public var count: Int { batch * channels * plane }

    /// The number of elements of a channel in all images.
    public var channelCount: Int { batch * plane }
}

extension ChannelGeometry {
    /// Whether the elements of a channel lie so that channels, not places, fill the vectors.
    var isFlat: Bool { plane == 1 }

    /// The units of work: channels, or vectors of them.
    var units: Int { isFlat ? (channels + 15) / 16 : channels }

    /// Calls `body` with where the channel begins in each image.
    @inline(__always)
    func forEachPlane(of channel: Int, _ body: (_ start: Int) -> Void) {
        for image in 0..<batch { body((image &* channels &+ channel) &* plane) }
    }
}
