/// What images meet first in a network that makes them smaller on the way.
public enum ImageStem: String, Sendable, CaseIterable {
    /// Nothing that shrinks them: for images of about 32 × 32, as CIFAR's.
    case small
    /// A step that makes the sides a fraction: for images of about 224 × 224, as ImageNet's.
    case large
}
